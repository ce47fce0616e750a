-- What systems record as KPIs' own values, in the organization's currency: of each segment and grain the two latest
-- periods, the current and the previous value. $1 organization; $2 keys of KPIs. One row a value: KPIs by their key, series
-- by its primary key; {{latest}} is latest_recorded.
select
    kpi.key as kpi, recorded.text, recorded.value, recorded.segment, recorded.period, recorded.document, recorded.line,
    coalesce(recorded.source, recorded.origin) as origin
from kpis as kpi
join series on series.organization_id = kpi.organization_id and series.measure_id = kpi.id
{latest}
where kpi.organization_id = $1 and kpi.key = any ($2::text[]) and recorded.currency is null
order by kpi.position, kpi.id, recorded.segment, recorded.period_start, recorded.grain
