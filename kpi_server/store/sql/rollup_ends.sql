-- What tells the periods of a grain apart that begin on one day, by two calendars: one is of months, one of 4, 13 or 52 weeks,
-- one of 5, 14 or 53. Grouping columns of rollup: as they are true or false, the planner knows that they make few groups, while
-- grouping by the last day takes twice as long where there are millions.
(observation.period_end - observation.period_start) % 7 = 0, observation.period_end - observation.period_start in (35, 98, 371)
