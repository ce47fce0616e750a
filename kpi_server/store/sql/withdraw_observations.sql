-- Marks all that a sender has stated of given cells as taken back; who stands is settled afterwards.
-- $1 organization; $2 measures, $3 segments, $4 grains, $5 first days of periods and $6 senders (a source or a document),
-- fivewise. observations_standing and observations_ended, in the one partition of each period.
update observations as stated
set withdrawn = true
from unnest($2::bigint[], $3::text[], $4::text[], $5::date[], $6::text[])
    as taken (measure_id, segment, grain, period_start, sender)
where stated.organization_id = $1
    and stated.measure_id = taken.measure_id
    and stated.segment = taken.segment
    and stated.grain = taken.grain
    and stated.period_start = taken.period_start
    and (stated.ended_in is null or stated.ended_in is not null)
    and coalesce(stated.source, stated.document) = taken.sender
