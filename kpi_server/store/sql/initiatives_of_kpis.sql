-- The initiatives of which a key result is measured by a KPI.
-- $1 organizations and $2 KPIs, pairwise. Rows (kpi_id, initiative) in document order; index by KPI.
select
    wanted.organization_id,
    wanted.kpi_id,
    initiative
from unnest($1::bigint[], $2::bigint[]) as wanted (organization_id, kpi_id)
join initiatives as initiative on initiative.organization_id = wanted.organization_id
where initiative.id in (
    select key_result.initiative_id
    from key_results as key_result
    where key_result.organization_id = wanted.organization_id and key_result.kpi_id = wanted.kpi_id
)
order by initiative.position, initiative.id
