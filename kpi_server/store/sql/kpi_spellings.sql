-- By what an organization's KPIs are called: each by its key, its name, and the organization's aliases as they are compared.
-- $1 the organization. kpis_key, kpi_aliases_key.
select
    kpi.key,
    kpi.name,
    array(
        select alias.folded
        from kpi_aliases as alias
        where alias.organization_id = kpi.organization_id and alias.kpi_id = kpi.id
    ) as aliases
from kpis as kpi
where kpi.organization_id = $1
order by kpi.key
