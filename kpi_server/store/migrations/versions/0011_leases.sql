-- Workers lease KPIs whose values are to be calculated, instead of every value. What is calculated is not compared with the
-- measures and batches that it names: the statement that appends it has both in hand, and comparing takes as long again.

create table leases (
    organization_id bigint not null,
    kpi_id bigint not null,
    number bigint not null,
    until timestamp with time zone not null,
    primary key (organization_id, kpi_id)
);

alter table leases enable row level security;

create policy tenant on leases using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));

alter table dirty_cells drop column lease, drop column leased_until;

alter table computed_values
    drop constraint computed_values_organization_id_kpi_id_fkey,
    drop constraint computed_values_organization_id_batch_id_fkey;
