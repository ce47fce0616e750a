-- The values that stand in the index by which series are read, so that a year of days is some pages of it and none of the table, wherever its rows lie. Writes wait while it is built; reads wait only to let the old one go, at the end.

create unique index observations_standing_with_value on observations (organization_id, measure_id, segment, grain, period_start) include (value) where ended_in is null;

drop index observations_standing;

alter index observations_standing_with_value rename to observations_standing;
