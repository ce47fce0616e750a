-- Leases cells that are to be calculated again and that nobody else is calculating, neighbours first.
-- $1 organization, $2 lease, $3 now, $4 until when, $5 how many at most. By primary key; cells that somebody is marking or
-- leasing at this moment are passed over.
with chosen as (
    select kpi_id, segment, grain, period_start
    from dirty_cells
    where organization_id = $1 and (leased_until is null or leased_until <= $3)
    order by kpi_id, segment, grain, period_start
    limit $5
    for update skip locked
),
leased as (
    update dirty_cells as cell
    set lease = $2, leased_until = $4
    from chosen
    where cell.organization_id = $1
        and cell.kpi_id = chosen.kpi_id
        and cell.segment = chosen.segment
        and cell.grain = chosen.grain
        and cell.period_start = chosen.period_start
    returning cell.*
)
select leased.kpi_id, kpi.key, leased.segment, leased.period, leased.batch_id, organization.calendar, organization.time_zone
from leased
join organizations as organization on organization.id = $1
left join kpis as kpi on kpi.organization_id = $1 and kpi.id = leased.kpi_id
