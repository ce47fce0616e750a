-- The event stream, by years; the names that senders give events; and how far events are aggregated.

create table events (
    organization_id bigint not null,
    kind varchar not null,
    occurred_at timestamp with time zone not null,
    id bigint not null,
    subject varchar not null,
    amount numeric,
    currency varchar,
    attributes jsonb not null,
    source varchar not null,
    external_id varchar not null,
    batch_id bigint not null,
    primary key (organization_id, kind, occurred_at, id),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
) partition by range (occurred_at);

create index events_by_subject on events (organization_id, kind, subject, occurred_at, id);

create index events_by_id on events (organization_id, kind, id);

create table events_other partition of events default;

create table events_2020 partition of events for values from ('2020-01-01T00:00:00Z') to ('2021-01-01T00:00:00Z');

create table events_2021 partition of events for values from ('2021-01-01T00:00:00Z') to ('2022-01-01T00:00:00Z');

create table events_2022 partition of events for values from ('2022-01-01T00:00:00Z') to ('2023-01-01T00:00:00Z');

create table events_2023 partition of events for values from ('2023-01-01T00:00:00Z') to ('2024-01-01T00:00:00Z');

create table events_2024 partition of events for values from ('2024-01-01T00:00:00Z') to ('2025-01-01T00:00:00Z');

create table events_2025 partition of events for values from ('2025-01-01T00:00:00Z') to ('2026-01-01T00:00:00Z');

create table events_2026 partition of events for values from ('2026-01-01T00:00:00Z') to ('2027-01-01T00:00:00Z');

create table events_2027 partition of events for values from ('2027-01-01T00:00:00Z') to ('2028-01-01T00:00:00Z');

create table events_2028 partition of events for values from ('2028-01-01T00:00:00Z') to ('2029-01-01T00:00:00Z');

create table events_2029 partition of events for values from ('2029-01-01T00:00:00Z') to ('2030-01-01T00:00:00Z');

create table events_2030 partition of events for values from ('2030-01-01T00:00:00Z') to ('2031-01-01T00:00:00Z');

create table events_2031 partition of events for values from ('2031-01-01T00:00:00Z') to ('2032-01-01T00:00:00Z');

create table events_2032 partition of events for values from ('2032-01-01T00:00:00Z') to ('2033-01-01T00:00:00Z');

create table events_2033 partition of events for values from ('2033-01-01T00:00:00Z') to ('2034-01-01T00:00:00Z');

create table events_2034 partition of events for values from ('2034-01-01T00:00:00Z') to ('2035-01-01T00:00:00Z');

create table events_2035 partition of events for values from ('2035-01-01T00:00:00Z') to ('2036-01-01T00:00:00Z');

create table event_names (
    organization_id bigint not null,
    source varchar not null,
    external_id varchar not null,
    digest bytea not null,
    primary key (organization_id, source, external_id)
);

create table aggregations (
    organization_id bigint not null,
    aggregate varchar not null,
    definition varchar not null,
    event_id bigint not null,
    last_start date,
    primary key (organization_id, aggregate)
);

alter table events enable row level security;

create policy tenant on events using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table event_names enable row level security;

create policy tenant on event_names using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table aggregations enable row level security;

create policy tenant on aggregations using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));
