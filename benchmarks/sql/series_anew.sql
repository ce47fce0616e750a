-- The series that the observations of an organization make up, into a table emptied before.
-- $1 organization. Reads all its observations.
insert into series (organization_id, measure_id, segment, grain, first_start, previous_start, last_start)
select
    organization_id,
    measure_id,
    segment,
    grain,
    min(period_start),
    (array_agg(distinct period_start order by period_start desc))[2],
    max(period_start)
from observations
where organization_id = $1 and ended_in is null
group by organization_id, measure_id, segment, grain
