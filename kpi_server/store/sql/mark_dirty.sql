-- Marks cells to be calculated again; what somebody is making of one at this moment is then not kept.
-- $1 organization, $2 the batch that marks; $3 KPIs, $4 segments, $5 grains, $6 names of periods, $7 their first days and
-- $8 the days after their last, sixwise. By primary key.
insert into dirty_cells (organization_id, kpi_id, segment, grain, period, period_start, period_end, batch_id)
select $1, kpi_id, segment, grain, period, period_start, period_end, $2
from unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[])
    as cell (kpi_id, segment, grain, period, period_start, period_end)
on conflict (organization_id, kpi_id, segment, grain, period_start) do update
set batch_id = excluded.batch_id
where dirty_cells.batch_id <> excluded.batch_id
