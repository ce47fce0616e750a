-- Marks cells to be calculated again; what somebody is making of one at this moment is then not kept.
-- $1 organization, $2 the batch that marks; lines, twowise: $3 KPIs, $4 segments; periods, fourwise: $5 grains, $6 names,
-- $7 first days, $8 days after the last. Cells, twowise, each column as the text of an array: $9 lines and $10 periods by
-- their places from 1. By primary key.
insert into dirty_cells (organization_id, kpi_id, segment, grain, period, period_start, period_end, batch_id)
select $1, line.kpi_id, line.segment, period.grain, period.period, period.period_start, period.period_end, $2
from unnest($9::text::integer[], $10::text::integer[]) as cell (line, period)
join unnest($3::bigint[], $4::text[]) with ordinality as line (kpi_id, segment, place) on line.place = cell.line
join unnest($5::text[], $6::text[], $7::date[], $8::date[]) with ordinality
    as period (grain, period, period_start, period_end, place)
    on period.place = cell.period
on conflict (organization_id, kpi_id, segment, grain, period_start) do update
set batch_id = excluded.batch_id
where dirty_cells.batch_id <> excluded.batch_id
