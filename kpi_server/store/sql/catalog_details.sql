-- What counting rows by document alone does not show: how many KPIs a document's rows list, on how many lines its
-- KPI rows print targets, how many cohort cells are filled, and the lines about KPIs by their kind. $1 organizations; one row a document and detail.
select organization_id, document, 'kpis' as detail, count(distinct kpi_id) as count
from kpi_rows
where organization_id = any ($1::bigint[])
group by organization_id, document
union all
select organization_id, document, 'target_lines', count(distinct line)
from targets
where organization_id = any ($1::bigint[]) and placement = 'KPI_ROW'
group by organization_id, document
union all
select organization_id, document, 'cohort_cells_filled', count(value)
from cohort_cells
where organization_id = any ($1::bigint[])
group by organization_id, document
union all
select organization_id, document, lower(kind) || 's', count(*)
from kpi_notes
where organization_id = any ($1::bigint[])
group by organization_id, document, kind
