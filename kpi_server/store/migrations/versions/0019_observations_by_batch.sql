-- The rows of a write by the primary key of observations, which takes the place of an index that only found them. The key began with the day: for a short span of one measure it looked as good to the planner as observations_standing, and all of the organization's values in that span were read for each measure. Reads and writes wait while the index of each year is built.

alter table observations drop constraint observations_pkey, add primary key (organization_id, batch_id, id, period_start);

drop index observations_in_batch;
