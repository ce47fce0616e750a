-- Where KPIs stand in given segments, with the figures and the target that it follows from.
-- $1 now; $2 organizations, $3 KPIs and $4 segments, threewise; {{status}} is status_today.
-- One row a pair of KPI and segment that has a figure or a target. Primary keys.
select
    standing,
    figure,
    previous,
    target,
    judged.status,
    standing.organization_id,
    standing.kpi_id,
    standing.segment
from unnest($2::bigint[], $3::bigint[], $4::text[]) as wanted (organization_id, kpi_id, segment)
join kpi_current as standing
    on standing.organization_id = wanted.organization_id
    and standing.kpi_id = wanted.kpi_id
    and standing.segment = wanted.segment
left join reported_figures as figure
    on figure.organization_id = standing.organization_id and figure.id = standing.figure_id
left join reported_figures as previous
    on previous.organization_id = standing.organization_id and previous.id = standing.previous_figure_id
left join targets as target on target.organization_id = standing.organization_id and target.id = standing.target_id
cross join lateral (select {status} as status) as judged
