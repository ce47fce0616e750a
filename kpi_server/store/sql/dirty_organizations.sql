-- The organizations that have cells to be calculated. $1 organizations. By primary key.
select id
from unnest($1::bigint[]) as id
where exists (select from dirty_cells where organization_id = id)
