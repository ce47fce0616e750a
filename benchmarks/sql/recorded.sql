-- A value for every cell that mutations correct, as if their source had recorded each of them once.
-- $1 the organization, $2 the source, $3 the first day, $4 how many days, $5 of how many KPIs.
insert into observations
    (organization_id, period_start, id, measure_id, segment, grain, period, period_end, value, text, position, origin,
     batch_id, source)
select kpi.organization_id, day.start, nextval('entity_ids'), kpi.id, '', 'DAY', to_char(day.start, 'YYYY-MM-DD'),
    day.start + 1, 1, '1', 0, 'API', kpi.batch_id, $2
from (select * from kpis where organization_id = $1 order by key limit $5) as kpi
cross join lateral (
    select $3::date + forward as start from generate_series(0, $4::int - 1) as forward
) as day
