-- Of which measures, periods and segments a batch recorded something, or took it back: periods with the same segments together.
-- $1 organization, $2 batch; of what may have been taken back, $3 measures, $4 segments, $5 grains and $6 first days of
-- periods, fourwise. Observations by primary key in every partition; those taken back by observations_ended, in
-- the one partition of each period.
with written as (
    select measure_id, segment, period
    from observations
    where organization_id = $1 and batch_id = $2
    union all
    select observation.measure_id, observation.segment, observation.period
    from unnest($3::bigint[], $4::text[], $5::text[], $6::date[]) as taken (measure_id, segment, grain, period_start)
    join observations as observation
        on observation.organization_id = $1
        and observation.measure_id = taken.measure_id
        and observation.segment = taken.segment
        and observation.grain = taken.grain
        and observation.period_start = taken.period_start
        and observation.ended_in = $2
)
select measure.key, cell.segments, array_agg(cell.period::text) as periods
from (
    select measure_id, period, array_agg(distinct segment::text) as segments
    from written
    group by measure_id, period
) as cell
join measures as measure on measure.organization_id = $1 and measure.id = cell.measure_id
group by measure.key, cell.segments
