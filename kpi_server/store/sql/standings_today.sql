-- Where all KPIs of organizations stand today as a whole: what scores and tallies are made of.
-- $1 now, $2 organizations; {{status}} is status_today.
-- One row a KPI in the catalog's order, narrow on purpose; primary keys, kpis by organization.
select
    kpi.organization_id,
    kpi.id as kpi_id,
    kpi.department_id,
    standing.attainment,
    standing.attainment_flag,
    judged.status
from kpis as kpi
left join kpi_current as standing
    on standing.organization_id = kpi.organization_id and standing.kpi_id = kpi.id and standing.segment = ''
cross join lateral (select {status} as status) as judged
where kpi.organization_id = any ($2::bigint[])
order by kpi.position, kpi.id
