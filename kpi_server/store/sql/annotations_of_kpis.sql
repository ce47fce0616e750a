-- What documents note about KPIs: comments on figures, statements, reasons of targets, parts of decisions, advice.
-- $1 organizations and $2 KPIs, pairwise. One row a note with its document's dates, the oldest document first (an
-- undated one before all) and by line within a document; indexes by KPI.
select
    note.organization_id,
    note.kpi_id,
    note.kind,
    note.label,
    note.text,
    note.document,
    note.line,
    note.origin,
    note.batch_id,
    coalesce(note.period, document.dated, document.period) as dated
from unnest($1::bigint[], $2::bigint[]) as wanted (organization_id, kpi_id)
cross join lateral (
    select
        figure.organization_id, figure.kpi_id, figure.id, 'ANALYSIS' as kind, figure.label, figure.analysis as text,
        figure.period, figure.document, figure.line, figure.origin, figure.batch_id
    from reported_figures as figure
    where figure.organization_id = wanted.organization_id and figure.kpi_id = wanted.kpi_id
    union all
    select
        said.organization_id, said.kpi_id, said.id, 'STATEMENT', said.label, said.text,
        null, said.document, said.line, said.origin, said.batch_id
    from statements as said
    where said.organization_id = wanted.organization_id and said.kpi_id = wanted.kpi_id
    union all
    select
        target.organization_id, target.kpi_id, target.id, 'TARGET', target.label, target.rationale,
        target.period, target.document, target.line, target.origin, target.batch_id
    from targets as target
    where target.organization_id = wanted.organization_id and target.kpi_id = wanted.kpi_id
    union all
    select
        revision.organization_id, revision.kpi_id, revision.id, 'REVISION', null,
        coalesce(revision.rationale, revision.reason),
        revision.period, revision.document, revision.line, revision.origin, revision.batch_id
    from target_revisions as revision
    where revision.organization_id = wanted.organization_id and revision.kpi_id = wanted.kpi_id
    union all
    select
        item.organization_id, item.kpi_id, item.id, 'DECISION', null, item.text,
        null, item.document, item.line, item.origin, item.batch_id
    from decision_items as item
    where item.organization_id = wanted.organization_id and item.kpi_id = wanted.kpi_id
    union all
    select
        alert.organization_id, alert.kpi_id, alert.id, 'ADVICE', alert.name, alert.advice,
        null, alert.document, alert.line, alert.origin, alert.batch_id
    from alerts as alert
    where alert.organization_id = wanted.organization_id and alert.kpi_id = wanted.kpi_id
) as note
left join documents as document
    on document.organization_id = note.organization_id and document.key = note.document
where note.text is not null
order by
    coalesce(document.period_end, document.approved_on) nulls first, document.key, note.line, note.kind, note.id
