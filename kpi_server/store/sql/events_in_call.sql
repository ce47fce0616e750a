-- What one call sends, as record_events takes it. A piece of that statement.
-- $8 kinds, $9 subjects, $10 moments, $11 amounts, $12 currencies, $13 attributes as JSON, $14 the source's names of them and $15
-- digests of what they say, eightwise. Names by primary key, one by one, whatever the planner thinks of the table's size.
select sent.*, known.digest as known
from unnest(
    $8::text[], $9::text[], $10::timestamptz[], $11::numeric[], $12::text[], $13::text[], $14::text[], $15::bytea[]
) with ordinality as sent (kind, subject, occurred_at, amount, currency, attributes, external_id, digest, place)
left join lateral (
    select name.digest
    from event_names as name
    where name.organization_id = $1 and name.source = $3 and name.external_id = sent.external_id
    limit 1
) as known on true
