-- Extends series by the periods that were recorded of them, or begins them.
-- $1 organization; $2 measures, $3 segments, $4 grains, $5 the first day of the earliest, $6 of the last but one and $7 of the
-- last period that was recorded, sixwise. Rows (measure_id, segment, grain, previous_start). Primary key.
insert into series as known (organization_id, measure_id, segment, grain, first_start, previous_start, last_start)
select $1, measure_id, segment, grain, first_start, previous_start, last_start
from unnest($2::bigint[], $3::text[], $4::text[], $5::date[], $6::date[], $7::date[])
    as recorded (measure_id, segment, grain, first_start, previous_start, last_start)
order by measure_id, segment, grain
on conflict (organization_id, measure_id, segment, grain) do update
set
    first_start = least(known.first_start, excluded.first_start),
    previous_start = case
        when known.last_start = excluded.last_start then greatest(known.previous_start, excluded.previous_start)
        else greatest(
            least(known.last_start, excluded.last_start), known.previous_start, excluded.previous_start
        )
    end,
    last_start = greatest(known.last_start, excluded.last_start)
returning known.measure_id, known.previous_start, known.segment, known.grain
