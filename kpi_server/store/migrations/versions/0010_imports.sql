-- What became of files and streams of observations, and the periods whose values only who may restate them records.

create table imports (
    organization_id bigint not null,
    id bigint not null,
    name varchar,
    source varchar not null,
    format varchar not null,
    actor varchar not null,
    began_at timestamptz not null,
    ended_at timestamptz not null,
    recorded bigint not null,
    corrected bigint not null,
    unchanged bigint not null,
    rejected bigint not null,
    reasons jsonb not null,
    batch_id bigint,
    primary key (organization_id, id),
    foreign key(organization_id) references organizations (id),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create table closed_periods (
    organization_id bigint not null,
    period varchar not null,
    period_start date not null,
    period_end date not null,
    closed_at timestamptz not null,
    actor varchar not null,
    batch_id bigint not null,
    primary key (organization_id, period),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

alter table imports enable row level security;

create policy tenant on imports using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table closed_periods enable row level security;

create policy tenant on closed_periods using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));
