-- A closed period may be opened again, and closed once more: each row is one closing, and names the batch that ended it.

alter table closed_periods add column ended_in bigint;

alter table closed_periods drop constraint closed_periods_pkey, add primary key (organization_id, period, batch_id);

create unique index closed_periods_standing on closed_periods (organization_id, period) where ended_in is null;
