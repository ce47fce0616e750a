-- Of which KPIs and measures a reader of the feed wants to know: a part of feed_page, with the condition that uses it.
-- $1 organization; each of these is null where it is not asked for: $7 keys of KPIs and measures, $8 families, $9 keys of
-- owners and $10 of departments, of today. measures by their primary key in the organization.
wanted as materialized (
    select measure.id
    from measures as measure
    left join kpis as kpi on kpi.organization_id = $1 and kpi.id = measure.id
    left join owners as owner on owner.organization_id = $1 and owner.id = kpi.owner_id
    left join departments as department on department.organization_id = $1 and department.id = kpi.department_id
    where measure.organization_id = $1
        and ($7::text[] is null or measure.key = any ($7))
        and ($8::text[] is null or split_part(measure.key, '.', 1) = any ($8))
        and ($9::text[] is null or owner.key = any ($9))
        and ($10::text[] is null or department.key = any ($10))
)
