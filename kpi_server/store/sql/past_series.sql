-- Where the series of the observations that stood at a number began and ended. A view of the schema `past`.
select
    organization_id,
    measure_id,
    segment,
    grain,
    min(period_start) as first_start,
    (array_agg(distinct period_start order by period_start desc))[2] as previous_start,
    max(period_start) as last_start
from past.observations
group by organization_id, measure_id, segment, grain
