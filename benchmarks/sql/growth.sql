-- Older figures for the generated KPIs: for each there is, $2 - 1 more, of periods before all that are there.
-- $1 the organization, $2 the factor. What is current stays current.
insert into reported_figures
    (organization_id, id, key, position, document, line, origin, batch_id, kpi_id, kpi_row_id, placement, segment,
     period, period_start, period_end, text, value, at_least)
select figure.organization_id, nextval('entity_ids'), 'growth-' || figure.id || '-' || back.months, figure.position,
    figure.document, figure.line, 'GENERATED', figure.batch_id, figure.kpi_id, null, figure.placement, figure.segment,
    to_char(past.first, 'YYYY-MM'), past.first, past.first + interval '1 month', figure.text, figure.value,
    figure.at_least
from reported_figures as figure
cross join generate_series(1, $2::int - 1) as back (months)
cross join lateral (select (date '2024-01-01' - make_interval(months => back.months))::date as first) as past
where figure.organization_id = $1
