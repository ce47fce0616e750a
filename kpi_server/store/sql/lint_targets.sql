-- Targets as they were stated; `step` is the deadline or stage that one is meant for. $1 organization; $2 keys of
-- KPIs, or null for all. One row a target, by the primary keys' organization.
select
    kpi.key as kpi, target.text, target.operator, target.value, target.low, target.high, target.multiple,
    other.key as of_kpi, target.placement, target.segment, target.period, target.kpi_row_id,
    concat_ws(' ', target.due, target.months, stage.key) as step,
    coalesce(target.under_kpi_id <> target.kpi_id, false) as is_aside,
    target.document, target.line, target.origin
from targets as target
join kpis as kpi on kpi.organization_id = target.organization_id and kpi.id = target.kpi_id
left join kpis as other on other.organization_id = target.organization_id and other.id = target.of_kpi_id
left join stages as stage on stage.organization_id = target.organization_id and stage.id = target.stage_id
where target.organization_id = $1 and ($2::text[] is null or kpi.key = any ($2::text[]))
order by target.position, target.id
