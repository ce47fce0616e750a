-- What is said of alerts: the alert column of KPI rows (kind ROW), alerts that stand open (ALERT) and rules (RULE).
-- $1 organization. One row each, by the primary keys' organization.
with said as (
    select
        'ROW' as kind, position, id, kpi_id, name, alert as text, null::text as colour,
        null::text as transform, null::text as operator, null::numeric as threshold, null::text as threshold_text,
        document, line, origin
    from kpi_rows
    where organization_id = $1 and alert is not null
    union all
    select
        'ALERT', position, id, kpi_id, name, text, colour,
        null, null, null, null,
        document, line, origin
    from alerts
    where organization_id = $1
    union all
    select
        'RULE', position, id, kpi_id, name, condition, null,
        transform, operator, threshold, threshold_text,
        document, line, origin
    from alert_rules
    where organization_id = $1
)
select
    said.kind, kpi.key as kpi, said.name, said.text, said.colour, said.transform, said.operator, said.threshold,
    said.threshold_text, said.document, said.line, said.origin
from said
left join kpis as kpi on kpi.organization_id = $1 and kpi.id = said.kpi_id
order by said.kind, said.position, said.id
