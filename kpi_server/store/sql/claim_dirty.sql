-- Leases KPIs that nobody has leased, until so many of their cells are dirty, and names these, one row a KPI, segment and grain.
-- $1 organization, $2 lease, $3 now, $4 until when, $5 how many cells at most. KPIs one after the other by the primary key of
-- dirty_cells, so that those that are leased are passed over whatever their number of cells. Nobody else leases any of the
-- organization's at the same moment: who waits for a row would go on with what it saw before, and without it.
with recursive walk (kpi_id, waiting, found) as (
    values (0::bigint, 0::bigint, 0::bigint)
    union all
    select next.kpi_id, next.waiting, walk.found + next.waiting
    from walk
    cross join lateral (
        select
            cell.kpi_id,
            case
                when exists (
                    select from leases
                    where leases.organization_id = $1 and leases.kpi_id = cell.kpi_id and leases.until > $3
                ) then 0
                else (
                    select count(*)
                    from (
                        select
                        from dirty_cells as same
                        where same.organization_id = $1 and same.kpi_id = cell.kpi_id
                        limit $5
                    ) as counted
                )
            end as waiting
        from dirty_cells as cell
        where cell.organization_id = $1 and cell.kpi_id > walk.kpi_id
        order by cell.kpi_id
        limit 1
    ) as next
    where walk.found < $5
),
leased as (
    insert into leases (organization_id, kpi_id, number, until)
    select $1, kpi_id, $2, $4
    from walk
    where waiting > 0
    order by kpi_id
    on conflict (organization_id, kpi_id) do update
    set number = excluded.number, until = excluded.until
    where leases.until <= $3
    returning leases.kpi_id
)
select kpi_id, key, segment, grain, array_agg(period) as periods, array_agg(batch_id) as batches, calendar, time_zone
from (
    select
        leased.kpi_id, kpi.key, cell.segment, cell.grain, cell.period, cell.batch_id, organization.calendar,
        organization.time_zone
    from leased
    join organizations as organization on organization.id = $1
    left join kpis as kpi on kpi.organization_id = $1 and kpi.id = leased.kpi_id
    cross join lateral (
        select *
        from dirty_cells as one
        where one.organization_id = $1 and one.kpi_id = leased.kpi_id
        order by one.segment, one.grain, one.period_start
        limit $5
    ) as cell
    limit $5
) as claimed
group by kpi_id, key, segment, grain, calendar, time_zone
order by kpi_id, segment, grain
