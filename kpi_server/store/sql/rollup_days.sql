-- First day and length of an `observation`'s period as one number, by which rollup groups: the periods of a grain that begin on
-- one day by two calendars are apart. Millions of values are sorted by it: by several columns that takes longer.
(observation.period_start - date '2000-01-01') * 512 + (observation.period_end - observation.period_start)
