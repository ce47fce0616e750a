-- The number that each KPI stands at as a whole and in segments: what is current of it, else what it aims at. $1 organization.
-- One row a KPI and segment with a number (key, segment, unit, value, text, period of a current one), by key and segment.
-- Primary key of kpi_current.
select
    kpi.key,
    standing.segment,
    kpi.unit,
    coalesce(standing.value, standing.target_value) as value,
    case when standing.value is null then standing.target_text else standing.text end as text,
    case when standing.value is not null then standing.period end as period
from kpi_current as standing
join kpis as kpi on kpi.organization_id = standing.organization_id and kpi.id = standing.kpi_id
where standing.organization_id = $1 and coalesce(standing.value, standing.target_value) is not null
order by kpi.key, standing.segment
