-- Revisions of calculated values, and which are to be calculated again.

create table computed_values (
    organization_id bigint not null,
    kpi_id bigint not null,
    segment varchar not null,
    grain varchar not null,
    period_start date not null,
    id bigint not null,
    period varchar not null,
    period_end date not null,
    value numeric,
    text varchar,
    absence varchar,
    reason varchar,
    known integer,
    known_of integer,
    known_grain varchar,
    stale boolean not null,
    version integer not null,
    batch_id bigint not null,
    ended_in bigint,
    primary key (organization_id, kpi_id, segment, grain, period_start, id),
    foreign key(organization_id, kpi_id) references measures (organization_id, id),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create unique index computed_values_standing on computed_values (organization_id, kpi_id, segment, grain, period_start) where ended_in is null;

create table dirty_cells (
    organization_id bigint not null,
    kpi_id bigint not null,
    segment varchar not null,
    grain varchar not null,
    period_start date not null,
    period varchar not null,
    period_end date not null,
    batch_id bigint not null,
    lease bigint,
    leased_until timestamp with time zone,
    primary key (organization_id, kpi_id, segment, grain, period_start)
);

alter table computed_values enable row level security;

create policy tenant on computed_values using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table dirty_cells enable row level security;

create policy tenant on dirty_cells using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));
