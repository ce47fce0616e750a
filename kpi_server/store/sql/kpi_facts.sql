-- Everything that decides where KPIs stand: one row for each figure, target and latest observation, one without for a KPI
-- that has none. $1 organization, $2 the KPIs that were touched, null for all of them. With them those whose target is
-- a multiple of theirs, and, not to be judged, those of whose value a target is a multiple.
-- Of the observations of a series only those of its two latest periods can count, and of one period the last recorded:
-- no more are read, however long the series. Figures by kpi, targets by kpi and of_kpi, series by their primary key,
-- observations by observations_by_cell in the one partition of their period, documents by their natural key.
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
    fact.document as printed_in,
    fact.line,
    fact.origin,
    fact.batch_id,
    document.period as document_period,
    document.dated as document_dated,
    document.approved_on as document_approved_on,
    document.version as document_version
from wanted
join kpis as kpi on kpi.organization_id = $1 and kpi.id = wanted.id
join organizations as organization on organization.id = kpi.organization_id
left join (
    select
        'FIGURE' as kind, organization_id, kpi_id, id, segment, placement, position,
        document, line, origin, batch_id, period, text, value, low, high, absence,
        null::text as operator, null::numeric as multiple, null::bigint as of_kpi_id, null::date as due_on,
        null::text as milestone, null::boolean as is_aside
    from reported_figures
    where organization_id = $1 and kpi_id in (select id from wanted)
    union all
    select
        'TARGET', organization_id, kpi_id, id, segment, placement, position,
        document, line, origin, batch_id, period, text, value, low, high, null,
        operator, multiple, of_kpi_id, due_on,
        case when placement in ('PROGRESSION', 'STAGE') then coalesce(months::text, due, stage_id::text, 'step') end,
        under_kpi_id <> kpi_id
    from targets
    where organization_id = $1 and kpi_id in (select id from wanted)
    union all
    select
        'OBSERVATION', $1, series.kpi_id, recorded.id, series.segment, 'KPI_ROW', recorded.id,
        recorded.document, recorded.line, recorded.sender, recorded.batch_id, recorded.period, recorded.text,
        recorded.value, null, null, null,
        null, null, null, null,
        null, null
    from series
    cross join lateral unnest(array[series.last_start, series.previous_start]) as latest (start)
    cross join lateral (
        select id, document, line, coalesce(source, origin) as sender, batch_id, period, text, value
        from observations
        where organization_id = $1
            and kpi_id = series.kpi_id
            and segment = series.segment
            and grain = series.grain
            and period_start = latest.start
        order by id desc
        limit 1
    ) as recorded
    where series.organization_id = $1 and series.kpi_id in (select id from wanted)
) as fact on fact.organization_id = kpi.organization_id and fact.kpi_id = kpi.id
left join documents as document
    on document.organization_id = kpi.organization_id and document.key = fact.document
order by kpi.id, fact.kind, fact.id
