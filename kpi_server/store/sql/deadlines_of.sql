-- What organizations' documents want done by some day. $1 organizations.
-- One row a deadline, not yet dated: a day, or a period, or days from the document's date; targets only where they
-- have a window. Indexes by organization; a document wants few things done, and the caller narrows by day.
select
    due.organization_id,
    due.id,
    due.kind,
    due.label,
    due.text,
    due.day,
    due.period,
    due.days,
    due.kpi_id,
    due.document,
    due.line,
    due.origin,
    due.batch_id,
    document.dated
from (
    select
        item.organization_id, item.id, 'ACTION_ITEM' as kind, item.title as label, item.text, item.due_on as day,
        null::text as period, item.days, item.kpi_id, item.document, item.line, item.origin, item.batch_id
    from action_items as item
    where item.organization_id = any ($1::bigint[]) and (item.due_on is not null or item.days is not null)
    union all
    select
        target.organization_id, target.id, 'TARGET', target.label, target.text, target.due_on,
        target.period, null, target.kpi_id, target.document, target.line, target.origin, target.batch_id
    from targets as target
    where target.organization_id = any ($1::bigint[]) and (target.due_on is not null or target.period is not null)
    union all
    select
        initiative.organization_id, initiative.id, 'INITIATIVE', initiative.quarter, initiative.name, null,
        initiative.period, null, null, initiative.document, initiative.line, initiative.origin, initiative.batch_id
    from initiatives as initiative
    where initiative.organization_id = any ($1::bigint[]) and initiative.period is not null
    union all
    select
        review.organization_id, review.id, 'REVIEW', null, review.title, null,
        review.next_review, null, null, review.key, review.line, review.origin, review.batch_id
    from documents as review
    where review.organization_id = any ($1::bigint[]) and review.next_review is not null
) as due
left join documents as document
    on document.organization_id = due.organization_id and document.key = due.document
order by due.document, due.line, due.id
