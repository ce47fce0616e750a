-- What a source has ever stated of given cells: one row a cell of which it stated something, and whether all of that is
-- taken back. $1 organization, $2 source; $3 measures, $4 segments, $5 grains and $6 first days of periods, fourwise; places
-- are from 1. observations_standing and observations_ended, in the one partition of each period.
select
    cell.place, cell.measure_id, cell.segment, cell.grain, cell.period_start, $2::text as source, null::text as document,
    bool_and(stated.withdrawn) as is_withdrawn
from unnest($3::bigint[], $4::text[], $5::text[], $6::date[]) with ordinality
    as cell (measure_id, segment, grain, period_start, place)
join observations as stated
    on stated.organization_id = $1
    and stated.measure_id = cell.measure_id
    and stated.segment = cell.segment
    and stated.grain = cell.grain
    and stated.period_start = cell.period_start
    and (stated.ended_in is null or stated.ended_in is not null)
    and stated.source = $2
group by cell.place, cell.measure_id, cell.segment, cell.grain, cell.period_start
order by cell.place
