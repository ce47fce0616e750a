-- The decisions about KPIs: those that name one, and those of which an item does.
-- $1 organizations and $2 KPIs, pairwise. Rows (kpi_id, decision) in document order; indexes by KPI.
select
    wanted.organization_id,
    wanted.kpi_id,
    decision
from unnest($1::bigint[], $2::bigint[]) as wanted (organization_id, kpi_id)
join decisions as decision on decision.organization_id = wanted.organization_id
where decision.id in (
    select named.decision_id
    from decision_kpis as named
    where named.organization_id = wanted.organization_id and named.kpi_id = wanted.kpi_id
    union all
    select item.decision_id
    from decision_items as item
    where item.organization_id = wanted.organization_id and item.kpi_id = wanted.kpi_id
)
order by decision.position, decision.id
