-- Whether an `observation` is of a `source` and counts. A condition of rollup, whose parameters it names; {{facts}} leaves out what is generated, where
-- that is not wanted. Keys first, so that the partitions of the whole span alone are read.
observation.organization_id = $1
and observation.measure_id = source.measure_id
and observation.segment = any (source.segments)
and observation.grain = source.grain
and observation.period_start >= source.first_day
and observation.period_start < source.day_after
and observation.period_end <= source.day_after
and observation.period_start >= $2
and observation.period_start < $3
and observation.ended_in is null{facts}
