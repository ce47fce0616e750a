-- Of which measures, periods and segments a batch recorded something, or took it back: periods with the same segments together.
-- $1 organization, $2 batch; of what may have been taken back, $3 measures, $4 segments, $5 grains and $6 first days of
-- periods, fourwise. Observations by primary key in every partition; those taken back by observations_ended, in
-- the one partition of each period, whatever is known of the tables: see record_observations.
with written as (
    select measure_id, segment, period
    from observations
    where organization_id = $1 and batch_id = $2
    union all
    select ended.measure_id, ended.segment, ended.period
    from unnest($3::bigint[], $4::text[], $5::text[], $6::date[]) as taken (measure_id, segment, grain, period_start)
    cross join lateral (
        select *
        from observations as one
        where one.organization_id = $1
            and one.measure_id = taken.measure_id
            and one.segment = taken.segment
            and one.grain = taken.grain
            and one.period_start between taken.period_start and taken.period_start
            and one.ended_in = $2
        order by one.period_start
        limit 1
    ) as ended
)
select measure.key, cell.segments, array_agg(cell.period::text) as periods
from (
    select measure_id, period, array_agg(distinct segment::text) as segments
    from written
    group by measure_id, period
) as cell
join measures as measure on measure.organization_id = $1 and measure.id = cell.measure_id
group by measure.key, cell.segments
