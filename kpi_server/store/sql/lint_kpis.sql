-- KPIs as far as their statements are compared. $1 organization; $2 keys, or null for all. One row a KPI, by the
-- primary key's organization.
select key, name, unit, direction, near, acceptable, owner_id is not null as has_owner, document, line, origin
from kpis
where organization_id = $1 and ($2::text[] is null or key = any ($2::text[]))
order by position, id
