-- The observation that stands for a `part` of what rollup keeps. For `cross join lateral`. {{facts}} as in rollup_inside. Reached by its key,
-- in the one partition of its period.
select observation.*
from observations as observation
where observation.organization_id = $1
    and observation.measure_id = part.measure_id
    and observation.segment = part.segment
    and observation.grain = part.grain
    and observation.period_start = part.period_start
    and observation.period_end = part.period_end
    and observation.period_start >= $2
    and observation.period_start < $3
    and observation.ended_in is null{facts}
limit 1
