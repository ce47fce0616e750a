-- Everything that decides where KPIs stand: one row for each figure and target, one without either for a KPI that has
-- none. $1 organization, $2 the KPIs that were touched, null for all of them. With them those whose target is a multiple
-- of theirs, and, not to be judged, those of whose value a target is a multiple.
-- Figures by kpi, targets by kpi and of_kpi, documents by their natural key.
with touched as (
    select unnest(coalesce($2::bigint[], array(select id from kpis where organization_id = $1))) as id
),
judged as (
    select id from touched
    union
    select kpi_id from targets where organization_id = $1 and of_kpi_id in (select id from touched)
),
wanted as (
    select id, true as is_judged from judged
    union all
    (
        select of_kpi_id, false
        from targets
        where organization_id = $1 and kpi_id in (select id from judged) and of_kpi_id is not null
        except
        select id, false from judged
    )
)
select
    kpi.id as kpi_id,
    wanted.is_judged,
    kpi.unit,
    kpi.acceptable,
    kpi.near,
    organization.undated_first,
    fact.kind,
    fact.id,
    fact.segment,
    fact.placement,
    fact.position,
    fact.period,
    fact.text,
    fact.value,
    fact.low,
    fact.high,
    fact.absence,
    fact.operator,
    fact.multiple,
    fact.of_kpi_id,
    fact.due_on,
    fact.milestone,
    fact.is_aside,
    document.key as document,
    document.period as document_period,
    document.dated as document_dated,
    document.approved_on as document_approved_on,
    document.version as document_version
from wanted
join kpis as kpi on kpi.organization_id = $1 and kpi.id = wanted.id
join organizations as organization on organization.id = kpi.organization_id
left join (
    select
        'FIGURE' as kind, organization_id, kpi_id, id, segment, placement, position, document, period,
        text, value, low, high, absence,
        null::text as operator, null::numeric as multiple, null::bigint as of_kpi_id, null::date as due_on,
        null::text as milestone, null::boolean as is_aside
    from reported_figures
    where organization_id = $1 and kpi_id in (select id from wanted)
    union all
    select
        'TARGET', organization_id, kpi_id, id, segment, placement, position, document, period,
        text, value, low, high, null,
        operator, multiple, of_kpi_id, due_on,
        case when placement in ('PROGRESSION', 'STAGE') then coalesce(months::text, due, stage_id::text, 'step') end,
        under_kpi_id <> kpi_id
    from targets
    where organization_id = $1 and kpi_id in (select id from wanted)
) as fact on fact.organization_id = kpi.organization_id and fact.kpi_id = kpi.id
left join documents as document
    on document.organization_id = kpi.organization_id and document.key = fact.document
order by kpi.id, fact.kind, fact.id
