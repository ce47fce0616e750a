-- An organization as the first release stored it: one KPI, two figures, a target, two standings.
insert into tenants (id, slug) values (1, 'bakery');
insert into organizations (id, slug, name, currency, time_zone, undated_first)
    values (1, 'bakery', 'Corner Bakery', 'EUR', 'UTC', false);
insert into sequences (organization_id, last) values (1, 1);
insert into batches (organization_id, id, sequence, recorded_at, action, actor)
    values (1, 10, 1, '2024-07-01', 'seed', 'catalog');
insert into kpis (organization_id, id, key, position, origin, batch_id, family, name, unit, direction, north_star)
    values (1, 20, 'custom.loaves', 1, 'CATALOG', 10, 'custom', 'Loaves', 'COUNT(loaf)', 'UP', false);
insert into reported_figures
    (organization_id, id, key, position, document, line, origin, batch_id, kpi_id, placement, segment, period, text, value,
        at_least)
values
    (1, 30, 'q1', 1, 'menu', 5, 'CATALOG', 10, 20, 'KPI_ROW', '', '2024-Q1', '80 loaves', 80, false),
    (1, 31, 'q2', 2, 'menu', 7, 'CATALOG', 10, 20, 'KPI_ROW', '', '2024-Q2', '90 loaves', 90, false);
insert into targets
    (organization_id, id, key, position, origin, batch_id, kpi_id, placement, segment, text, operator, value)
    values (1, 40, 'goal', 3, 'CATALOG', 10, 20, 'KPI_ROW', '', '100+', 'AT_LEAST', 100);
insert into kpi_current
    (organization_id, kpi_id, segment, figure_id, previous_figure_id, target_id, value, previous_value, target_value,
        attainment, status)
values
    (1, 20, '', 31, 30, 40, 90, 80, 100, 0.9, 'MISSED'),
    (1, 20, 'plan=daily', null, null, null, null, null, null, null, 'NO_TARGET');
insert into observations
    (organization_id, period_start, id, kpi_id, segment, grain, period, period_end, value, text, key, position, origin,
        batch_id)
values
    (1, '2024-03-01', 50, 20, '', 'MONTH', '2024-03', '2024-04-01', 25, '25', 'march', 1, 'CATALOG', 10),
    (1, '2024-01-01', 51, 20, '', 'MONTH', '2024-01', '2024-02-01', 20, '20', 'january', 2, 'CATALOG', 10),
    (1, '2024-03-01', 52, 20, '', 'MONTH', '2024-03', '2024-04-01', 26, '26', 'march', 3, 'CATALOG', 10);
