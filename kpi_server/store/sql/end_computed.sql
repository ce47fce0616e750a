-- Ends the revisions of KPIs that stand for cells which are not to be calculated again: begins the batch where there are any.
-- $1 organization, $2 batch, $3 its action, $4 its actor, $5 now, $6 KPIs. One row (ended). Revisions by
-- computed_values_standing, cells by primary key.
with ended as (
    update computed_values as standing
    set ended_in = $2
    where standing.organization_id = $1
        and standing.kpi_id = any ($6::bigint[])
        and standing.ended_in is null
        and not exists (
            select
            from dirty_cells as cell
            where cell.organization_id = $1
                and cell.kpi_id = standing.kpi_id
                and cell.segment = standing.segment
                and cell.grain = standing.grain
                and cell.period_start = standing.period_start
        )
    returning 1
),
begun as (
    insert into batches (organization_id, id, action, actor, recorded_at)
    select $1, $2, $3, $4, $5
    where exists (select from ended)
    on conflict do nothing
)
select count(*) as ended from ended
