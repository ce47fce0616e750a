-- Recorded daily values for every KPI of an organization: $2 of each, in one segment.
-- $1 the organization, $3 how many days the newest one lies before 2024-12-31, $4 the segment.
insert into observations
    (organization_id, period_start, id, measure_id, segment, grain, period, period_end, value, text, position, origin,
     batch_id, source)
select kpi.organization_id, day.start, nextval('entity_ids'), kpi.id, $4::text, 'DAY',
    to_char(day.start, 'YYYY-MM-DD'), day.start + 1, day.value, day.value::text,
    0, 'GENERATED', kpi.batch_id, 'bench'
from kpis as kpi
cross join lateral (
    select date '2024-12-31' - back as start, 1000 + (back * 37 + kpi.id) % 500 / 4.0 as value
    from generate_series($3::int, $3::int + $2::int - 1) as back
) as day
where kpi.organization_id = $1
order by day.start, kpi.key
