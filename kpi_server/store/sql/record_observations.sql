-- Appends observations, whatever their number, in the order in which they were sent.
-- $1 organization, $2 batch, $3 source; $4 KPIs, $5 their keys, $6 segments, $7 grains, $8 periods, $9 their first days,
-- $10 the days after their last, $11 values, $12 texts, $13 places in the call.
insert into observations (
    organization_id, period_start, id, kpi_id, segment, grain, period, period_end, value, text, key, position, origin,
    batch_id, source
)
select
    $1, period_start, nextval('entity_ids'), kpi_id, segment, grain, period, period_end, value, text,
    concat_ws(' ', kpi, period, nullif(segment, ''), $3::text), position, 'API', $2, $3
from unnest(
    $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::date[], $10::date[], $11::numeric[], $12::text[],
    $13::bigint[]
) as sent (kpi_id, kpi, segment, grain, period, period_start, period_end, value, text, position)
