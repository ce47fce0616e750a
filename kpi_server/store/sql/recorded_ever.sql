-- Of which periods and segments something was ever recorded of measures, also what is taken back by now: periods with the
-- same segments together. $1 organization, $2 measures by key. Observations by observations_standing and observations_ended.
select cell.key, cell.segments, array_agg(cell.period::text) as periods
from (
    select measure.key, observation.period, array_agg(distinct observation.segment::text) as segments
    from measures as measure
    join observations as observation
        on observation.organization_id = $1 and observation.measure_id = measure.id
    where measure.organization_id = $1 and measure.key = any ($2::text[])
    group by measure.key, observation.period
) as cell
group by cell.key, cell.segments
