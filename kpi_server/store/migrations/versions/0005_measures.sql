-- Whatever is recorded is a measure, and a KPI's own recorded values are those of the measure that has its id and key.
-- Of all that was stated about a cell the last stands, and every other row names the batch since which it does not.

create table measures (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    batch_id bigint not null,
    primary key (organization_id, id),
    constraint measures_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

insert into measures (organization_id, id, key, batch_id) select organization_id, id, key, batch_id from kpis;

alter table measures enable row level security;

create policy tenant on measures using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table observations drop constraint observations_organization_id_kpi_id_fkey;

drop index observations_by_cell;

alter table observations rename column kpi_id to measure_id;

alter table observations alter column key drop not null;

alter table observations
    add column currency varchar,
    add column sketch_places integer[],
    add column sketch_amounts bigint[],
    add column ended_in bigint,
    add column withdrawn boolean not null default false,
    add foreign key (organization_id, measure_id) references measures (organization_id, id);

update observations as stated
set ended_in = follower.batch_id
from (
    select
        organization_id, period_start, id,
        lead(batch_id) over (
            partition by organization_id, measure_id, segment, grain, period_start order by id
        ) as batch_id
    from observations
) as follower
where stated.organization_id = follower.organization_id
    and stated.period_start = follower.period_start
    and stated.id = follower.id
    and follower.batch_id is not null;

create unique index observations_standing on observations (organization_id, measure_id, segment, grain, period_start) where ended_in is null;

create index observations_ended on observations (organization_id, measure_id, segment, grain, period_start, id) where ended_in is not null;

alter table series drop constraint series_organization_id_kpi_id_fkey;

alter table series rename column kpi_id to measure_id;

alter table series add foreign key (organization_id, measure_id) references measures (organization_id, id);

alter table external_ids drop constraint external_ids_organization_id_kpi_id_fkey;

alter table external_ids rename column kpi_id to measure_id;

alter table external_ids add foreign key (organization_id, measure_id) references measures (organization_id, id);
