-- Where the series of the observations that stood at a number began and ended. A view of the schema `past`, whose setting
-- kpi.as_of is the number: of the series of today, and of those of which a value was taken back since. The ends of each by
-- observations_standing and observations_ended, from its first and last day on to what was known then, however long it is;
-- the first is looked for by those alone who ask for it. {{standing}} and {{ended}} are past_stated: what stands still, and what
-- stood.
select
    cell.organization_id, cell.measure_id, cell.segment, cell.grain,
    (
        select min(either.period_start)
        from (
            (select period_start from public.observations as stated where {standing} order by period_start limit 1)
            union all
            (select period_start from public.observations as stated where {ended} order by period_start limit 1)
        ) as either
    ) as first_start,
    latest.starts[2] as previous_start,
    latest.starts[1] as last_start
from (
    select organization_id, measure_id, segment, grain
    from public.series
    union
    select change.organization_id, change.kpi_id, change.before ->> 'segment', grains.grain
    from public.changes as change
    join public.batches as batch on batch.organization_id = change.organization_id and batch.id = change.batch_id
    cross join (values ('DAY'), ('WEEK'), ('MONTH'), ('QUARTER'), ('YEAR')) as grains (grain)
    where change.entity = 'observations'
        and change.operation = 'DELETE'
        and batch.sequence > current_setting('kpi.as_of')::bigint
) as cell
cross join lateral (
    select array(
        select either.period_start
        from (
            (select period_start from public.observations as stated where {standing} order by period_start desc limit 2)
            union all
            (select period_start from public.observations as stated where {ended} order by period_start desc limit 2)
        ) as either
        order by either.period_start desc
        limit 2
    ) as starts
    offset 0
) as latest
where latest.starts[1] is not null
