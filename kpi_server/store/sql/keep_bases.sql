-- Keeps by what KPIs are calculated now, and forgets the others. $1 organization; $2 KPIs and $3 bases, twowise. By primary key.
with forgotten as (
    delete from calculation_bases
    where organization_id = $1 and kpi_id <> all ($2::bigint[])
)
insert into calculation_bases (organization_id, kpi_id, basis)
select $1, kpi_id, basis
from unnest($2::bigint[], $3::text[]) as now (kpi_id, basis)
on conflict (organization_id, kpi_id) do update
set basis = excluded.basis
where calculation_bases.basis <> excluded.basis
