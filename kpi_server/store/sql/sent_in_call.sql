-- What one call sends, as record_observations takes it. A piece of that statement.
-- $8 grains, $9 names, $10 first days of periods and $11 the days after their last, fourwise; $12 measures, $13 numbers of
-- their periods among those, from 1, and $14 values, each as the text of an array, which is far quicker to send; $15 texts,
-- and where there is any, $16 segments, $17 currencies, $18 places and $19 amounts of sketches as arrays in text.
select
    stated.measure_id, coalesce(stated.segment, '') as segment, ($8::text[])[stated.number] as grain,
    ($9::text[])[stated.number] as period, ($10::date[])[stated.number] as period_start,
    ($11::date[])[stated.number] as period_end, stated.value, stated.text, stated.currency,
    stated.places::integer[] as sketch_places, stated.amounts::bigint[] as sketch_amounts, stated.position,
    true as may_stand
from unnest(
    $12::text::bigint[], $13::text::integer[], $14::text::numeric[], $15::text[], $16::text[], $17::text[], $18::text[],
    $19::text[]
) with ordinality
    as stated (measure_id, number, value, text, segment, currency, places, amounts, position)
