-- Everything that decides where KPIs stand, as kpi_facts gives it for an organization: one row for each figure,
-- target and latest observation, one without for a KPI that has none; each KPI comes with its organization.
-- $1 organizations and $2 KPIs, pairwise. Figures and targets by their kpi index, series by their primary
-- key, observations by observations_by_cell, documents by their natural key.
select
    kpi.organization_id,
    kpi.id as kpi_id,
    true as is_judged,
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
    fact.document as printed_in,
    fact.line,
    fact.origin,
    fact.batch_id,
    document.period as document_period,
    document.dated as document_dated,
    document.approved_on as document_approved_on,
    document.version as document_version
from unnest($1::bigint[], $2::bigint[]) as wanted (organization_id, kpi_id)
join kpis as kpi on kpi.organization_id = wanted.organization_id and kpi.id = wanted.kpi_id
join organizations as organization on organization.id = kpi.organization_id
left join lateral (
    select
        'FIGURE' as kind, figure.id, figure.segment, figure.placement, figure.position, figure.document, figure.line,
        figure.origin, figure.batch_id, figure.period, figure.text, figure.value, figure.low, figure.high, figure.absence,
        null::text as operator, null::numeric as multiple, null::bigint as of_kpi_id, null::date as due_on,
        null::text as milestone, null::boolean as is_aside
    from reported_figures as figure
    where figure.organization_id = kpi.organization_id and figure.kpi_id = kpi.id
    union all
    select
        'TARGET', target.id, target.segment, target.placement, target.position, target.document, target.line,
        target.origin, target.batch_id, target.period, target.text, target.value, target.low, target.high, null,
        target.operator, target.multiple, target.of_kpi_id, target.due_on,
        case
            when target.placement in ('PROGRESSION', 'STAGE')
                then coalesce(target.months::text, target.due, target.stage_id::text, 'step')
        end,
        target.under_kpi_id <> target.kpi_id
    from targets as target
    where target.organization_id = kpi.organization_id and target.kpi_id = kpi.id
    union all
    select
        'OBSERVATION', recorded.id, series.segment, 'KPI_ROW', recorded.id, recorded.document, recorded.line,
        coalesce(recorded.source, recorded.origin), recorded.batch_id, recorded.period, recorded.text, recorded.value,
        null, null, null, null, null, null, null, null, null
    from series
    cross join lateral unnest(array[series.last_start, series.previous_start]) as latest (start)
    cross join lateral (
        select observation.*
        from observations as observation
        where observation.organization_id = kpi.organization_id
            and observation.kpi_id = kpi.id
            and observation.segment = series.segment
            and observation.grain = series.grain
            and observation.period_start = latest.start
        order by observation.id desc
        limit 1
    ) as recorded
    where series.organization_id = kpi.organization_id and series.kpi_id = kpi.id
) as fact on true
left join documents as document
    on document.organization_id = kpi.organization_id and document.key = fact.document
order by kpi.id, fact.kind, fact.id
