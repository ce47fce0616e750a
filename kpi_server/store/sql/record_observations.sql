-- Appends observations, whatever their number, in the order in which they were sent, and ends those whose place they take.
-- $1 organization, $2 batch, $3 source; $4 measures, $5 segments, $6 grains, $7 periods, $8 their first days,
-- $9 the days after their last, $10 values, $11 texts, $12 places in the call. observations_standing, in the one partition
-- of each period. One row a cell stands at any time, so all that end are ended (and counted) before anything is appended.
with sent as (
    select *
    from unnest(
        $4::bigint[], $5::text[], $6::text[], $7::text[], $8::date[], $9::date[], $10::numeric[], $11::text[], $12::bigint[]
    ) as sent (measure_id, segment, grain, period, period_start, period_end, value, text, position)
),
ended as (
    update observations as standing
    set ended_in = $2
    from sent
    where standing.organization_id = $1
        and standing.measure_id = sent.measure_id
        and standing.segment = sent.segment
        and standing.grain = sent.grain
        and standing.period_start = sent.period_start
        and standing.ended_in is null
    returning 1
)
insert into observations (
    organization_id, period_start, id, measure_id, segment, grain, period, period_end, value, text, position, origin,
    batch_id, source
)
select
    $1, period_start, nextval('entity_ids'), measure_id, segment, grain, period, period_end, value, text, position, 'API',
    $2, $3
from sent
where (select count(*) from ended) >= 0
