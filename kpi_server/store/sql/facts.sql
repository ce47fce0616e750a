-- Everything that decides where KPIs stand: one row for each figure, target, latest observation and, of KPIs whose computed
-- values are current, of the two latest periods that have ended and of which one is kept, of the KPIs in a table
-- expression `wanted` (organization_id, kpi_id, is_judged, has_grown), one without for a KPI that has none.
-- A joined piece of other statements, which begin with `wanted`. Of the observations of a series only those of its two
-- latest periods can count: no more are read, however long the series. Where facts were only added (`has_grown`), no printed
-- figure can take the place of a current and a previous value that were recorded: none is read then.
-- Figures and targets by their kpi index, series by their primary key, documents by their key; {{latest}} is latest_recorded.
select
    kpi.organization_id,
    kpi.id as kpi_id,
    wanted.is_judged,
    kpi.unit,
    kpi.acceptable,
    kpi.near,
    coalesce(kpi.basis, 'REPORTED') as basis,
    organization.undated_first,
    organization.calendar,
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
join kpis as kpi on kpi.organization_id = wanted.organization_id and kpi.id = wanted.kpi_id
join organizations as organization on organization.id = kpi.organization_id
left join lateral (
    select
        'FIGURE' as kind, figure.id, figure.segment, figure.placement, figure.position, figure.document, figure.line,
        figure.origin, figure.batch_id, figure.period, figure.text, figure.value, figure.low, figure.high, figure.absence,
        null::text as operator, null::numeric as multiple, null::bigint as of_kpi_id, null::date as due_on,
        null::text as milestone, null::boolean as is_aside
    from reported_figures as figure
    where figure.organization_id = kpi.organization_id
        and figure.kpi_id = kpi.id
        and not (
            wanted.has_grown
            and exists (
                select
                from kpi_current as stood
                where stood.organization_id = kpi.organization_id
                    and stood.kpi_id = kpi.id
                    and stood.segment = figure.segment
                    and stood.period is not null
                    and stood.figure_id is null
                    and stood.previous_period is not null
                    and stood.previous_figure_id is null
            )
        )
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
    {latest}
    where series.organization_id = kpi.organization_id and series.measure_id = kpi.id
    union all
    select
        'COMPUTED', kept.id, kept.segment, 'KPI_ROW', kept.id, null, null, null, kept.batch_id, kept.period, null,
        kept.value, null, null, null, null, null, null, null, null, null
    from (
        select revision.*, row_number() over (partition by revision.segment order by revision.period_start desc) as place
        from computed_values as revision
        where revision.organization_id = kpi.organization_id
            and revision.kpi_id = kpi.id
            and revision.ended_in is null
            and revision.value is not null
            and revision.period_end <= (
                coalesce(
                    (
                        select shown.recorded_at
                        from batches as shown
                        where shown.organization_id = kpi.organization_id
                            and shown.sequence = nullif(current_setting('kpi.as_of', true), '')::bigint
                    ),
                    now()
                ) at time zone organization.time_zone
            )::date
    ) as kept
    where kpi.basis = 'COMPUTED' and kept.place <= 2
) as fact on true
left join documents as document
    on document.organization_id = kpi.organization_id and document.key = fact.document
order by kpi.id, fact.kind, fact.id
