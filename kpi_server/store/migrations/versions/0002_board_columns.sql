-- A board then needs no join: the words and periods of the figures and the target that each standing follows from.
-- Existing standings take them from the rows they name.

alter table kpi_current
    add column text varchar,
    add column period varchar,
    add column previous_text varchar,
    add column previous_period varchar,
    add column target_text varchar;

update kpi_current as standing
set
    text = figure.text,
    period = figure.period,
    previous_text = previous.text,
    previous_period = previous.period,
    target_text = target.text
from kpi_current as stored
left join reported_figures as figure
    on figure.organization_id = stored.organization_id and figure.id = stored.figure_id
left join reported_figures as previous
    on previous.organization_id = stored.organization_id and previous.id = stored.previous_figure_id
left join targets as target on target.organization_id = stored.organization_id and target.id = stored.target_id
where standing.organization_id = stored.organization_id
    and standing.kpi_id = stored.kpi_id
    and standing.segment = stored.segment;
