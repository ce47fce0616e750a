-- The figures printed of a KPI by segment and first day, so that a series finds those between its ends without reading all that were ever printed of its KPI. Writes of figures wait while it is built; reads wait only to let the old one go, at the end.

create index reported_figures_by_kpi_and_day on reported_figures (organization_id, kpi_id, segment, period_start);

drop index reported_figures_by_kpi;

alter index reported_figures_by_kpi_and_day rename to reported_figures_by_kpi;
