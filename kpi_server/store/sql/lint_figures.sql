-- Figures as they were stated, but for placeholders. $1 organization; $2 keys of KPIs, or null for all. One row a
-- figure, by the primary keys' organization.
select
    kpi.key as kpi, figure.text, figure.value, figure.at_least, figure.placement, figure.segment, figure.period,
    figure.kpi_row_id, figure.status, figure.colour, figure.document, figure.line, figure.origin
from reported_figures as figure
join kpis as kpi on kpi.organization_id = figure.organization_id and kpi.id = figure.kpi_id
where
    figure.organization_id = $1
    and figure.absence is null
    and ($2::text[] is null or kpi.key = any ($2::text[]))
order by figure.position, figure.id
