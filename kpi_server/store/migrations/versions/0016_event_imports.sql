-- Files hold events too, and an aggregate that cannot be made of them says why.

alter table imports add column content varchar not null default 'OBSERVATIONS';

create table aggregation_failures (
    organization_id bigint not null,
    aggregate varchar not null,
    failed_at timestamp with time zone not null,
    failure varchar not null,
    primary key (organization_id, aggregate)
);

alter table aggregation_failures enable row level security;

create policy tenant on aggregation_failures using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));
