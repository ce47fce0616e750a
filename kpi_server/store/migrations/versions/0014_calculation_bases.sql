-- By which formulas, at which grain and in which calendar the values of KPIs were calculated.

create table calculation_bases (
    organization_id bigint not null,
    kpi_id bigint not null,
    basis varchar not null,
    primary key (organization_id, kpi_id)
);

alter table calculation_bases enable row level security;

create policy tenant on calculation_bases using (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[])) with check (organization_id = any (nullif(current_setting('kpi.organizations', true), '')::bigint[]));
