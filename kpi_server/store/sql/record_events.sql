-- Records those events of a source that are new, in the order in which they were sent.
-- $1 organization, $2 batch, $3 source; $4 kinds, $5 subjects, $6 moments, $7 amounts, $8 currencies, $9 attributes as JSON,
-- $10 the source's names of them and $11 digests of what they say, eightwise.
-- One row an event whose name was known before: `place`, from 1, and whether it says what it said then. Names by primary key,
-- one by one, whatever the planner thinks of the table's size.
with sent as materialized (
    select sent.*, known.digest as known
    from unnest(
        $4::text[], $5::text[], $6::timestamptz[], $7::numeric[], $8::text[], $9::text[], $10::text[], $11::bytea[]
    ) with ordinality as sent (kind, subject, occurred_at, amount, currency, attributes, external_id, digest, place)
    left join lateral (
        select name.digest
        from event_names as name
        where name.organization_id = $1 and name.source = $3 and name.external_id = sent.external_id
        limit 1
    ) as known on true
),
named as (
    insert into event_names (organization_id, source, external_id, digest)
    select $1, $3, external_id, digest from sent where known is null
),
recorded as (
    insert into events (
        organization_id, kind, occurred_at, id, subject, amount, currency, attributes, source, external_id, batch_id
    )
    select
        $1, kind, occurred_at, nextval('entity_ids'), subject, amount, currency, attributes::jsonb, $3, external_id, $2
    from sent
    where known is null
    order by place
)
select place, known = digest as is_same from sent where known is not null order by place
