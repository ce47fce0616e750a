-- What one call sends, as record_observations takes it. A piece of that statement.
-- $9 grains, $10 names, $11 first days of periods and $12 the days after their last, fourwise; $13 measures, $14 numbers of
-- their periods among those, from 1, $15 values, $16 texts, and where there is any, $17 segments, $18 currencies, $19 places
-- and $20 amounts of sketches as arrays in text.
select
    stated.measure_id, coalesce(stated.segment, '') as segment, ($9::text[])[stated.number] as grain,
    ($10::text[])[stated.number] as period, ($11::date[])[stated.number] as period_start,
    ($12::date[])[stated.number] as period_end, stated.value, stated.text, stated.currency,
    stated.places::integer[] as sketch_places, stated.amounts::bigint[] as sketch_amounts, stated.position
from unnest(
    $13::bigint[], $14::integer[], $15::numeric[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[]
) with ordinality
    as stated (measure_id, number, value, text, segment, currency, places, amounts, position)
