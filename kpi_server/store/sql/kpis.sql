-- KPIs with all that a board shows: where each stands in one segment, its latest and previous figure, its target, whose it is.
-- $1 now, $2 the segment ('' = whole); {{where}} narrows by organization first, {{status}} is status_today, {{sorted}} what
-- they are sorted by besides. One row a KPI: whole rows by table and the status today. Primary keys throughout.
select
    kpi,
    standing,
    figure,
    previous,
    target,
    owner,
    department,
    category,
    classification,
    judged.status,
    kpi.organization_id,
    kpi.id,
    kpi.position,
    kpi.key/*columns*/{sorted}
from kpis as kpi
left join kpi_current as standing
    on standing.organization_id = kpi.organization_id and standing.kpi_id = kpi.id and standing.segment = $2::text
left join reported_figures as figure
    on figure.organization_id = standing.organization_id and figure.id = standing.figure_id
left join reported_figures as previous
    on previous.organization_id = standing.organization_id and previous.id = standing.previous_figure_id
left join targets as target on target.organization_id = standing.organization_id and target.id = standing.target_id
left join owners as owner on owner.organization_id = kpi.organization_id and owner.id = kpi.owner_id
left join departments as department
    on department.organization_id = kpi.organization_id and department.id = kpi.department_id
left join categories as category on category.organization_id = kpi.organization_id and category.id = kpi.category_id
left join classifications as classification
    on classification.organization_id = kpi.organization_id and classification.id = kpi.classification_id
cross join lateral (select {status} as status) as judged
{where}
