-- Recorded daily values for every KPI of an organization: $2 of each, the newest on 2024-12-31.
-- $1 the organization, $3 how many days the newest one lies before that day.
insert into observations
    (organization_id, period_start, id, kpi_id, segment, grain, period, period_end, value, text, key, position, origin,
     batch_id)
select kpi.organization_id, day.start, nextval('entity_ids'), kpi.id, '', 'DAY', to_char(day.start, 'YYYY-MM-DD'),
    day.start + 1, 1000 + day.back, (1000 + day.back)::text, 'bench-' || kpi.id || '-' || day.back, 0, 'GENERATED',
    kpi.batch_id
from kpis as kpi
cross join lateral (
    select back, date '2024-12-31' - back as start from generate_series($3::int, $3::int + $2::int - 1) as back
) as day
where kpi.organization_id = $1
