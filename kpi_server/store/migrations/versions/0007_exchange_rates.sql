-- Dated rates between currencies.

create table exchange_rates (
    organization_id bigint not null,
    id bigint not null,
    key varchar not null,
    position bigint not null,
    document varchar,
    line integer,
    origin varchar not null,
    batch_id bigint not null,
    base varchar not null,
    quote varchar not null,
    day date not null,
    rate numeric not null,
    primary key (organization_id, id),
    constraint exchange_rates_key unique (organization_id, key),
    foreign key(organization_id, batch_id) references batches (organization_id, id)
);

create unique index exchange_rates_by_day on exchange_rates (organization_id, base, quote, day);

alter table exchange_rates enable row level security;

create policy tenant on exchange_rates using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));
