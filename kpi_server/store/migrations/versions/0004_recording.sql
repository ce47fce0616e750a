-- Recorded values: who sent them, where each series begins and ends, and the identities and keys by which a caller may
-- send again what it has sent. A standing names where its values are from, so that it need not be a figure. Standings take observations into account from the next write to their KPI on.

alter table observations add column source varchar;

alter table kpi_current
    add column document varchar,
    add column line integer,
    add column origin varchar,
    add column batch_id bigint,
    add column previous_document varchar,
    add column previous_line integer,
    add column previous_origin varchar,
    add column previous_batch_id bigint;

update kpi_current as standing
set
    document = figure.document,
    line = figure.line,
    origin = figure.origin,
    batch_id = figure.batch_id,
    previous_document = previous.document,
    previous_line = previous.line,
    previous_origin = previous.origin,
    previous_batch_id = previous.batch_id
from kpi_current as stored
left join reported_figures as figure
    on figure.organization_id = stored.organization_id and figure.id = stored.figure_id
left join reported_figures as previous
    on previous.organization_id = stored.organization_id and previous.id = stored.previous_figure_id
where standing.organization_id = stored.organization_id
    and standing.kpi_id = stored.kpi_id
    and standing.segment = stored.segment;

create table series (
    organization_id bigint not null,
    kpi_id bigint not null,
    segment varchar not null,
    grain varchar not null,
    first_start date not null,
    previous_start date,
    last_start date not null,
    primary key (organization_id, kpi_id, segment, grain),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id)
);

insert into series (organization_id, kpi_id, segment, grain, first_start, previous_start, last_start)
select
    organization_id, kpi_id, segment, grain,
    min(period_start), (array_agg(distinct period_start order by period_start desc))[2], max(period_start)
from observations
group by organization_id, kpi_id, segment, grain;

create table external_ids (
    organization_id bigint not null,
    source varchar not null,
    external_id varchar not null,
    kpi_id bigint not null,
    segment varchar not null,
    period varchar not null,
    primary key (organization_id, source, external_id),
    foreign key(organization_id, kpi_id) references kpis (organization_id, id)
);

create table idempotency_keys (
    organization_id bigint not null,
    principal_id bigint not null,
    key varchar not null,
    digest bytea not null,
    answer jsonb not null,
    recorded_at timestamptz not null,
    primary key (organization_id, principal_id, key),
    foreign key(organization_id) references organizations (id)
);

create index idempotency_keys_by_recorded_at on idempotency_keys (organization_id, recorded_at);

alter table series enable row level security;

create policy tenant on series using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table external_ids enable row level security;

create policy tenant on external_ids using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table idempotency_keys enable row level security;

create policy tenant on idempotency_keys using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));
