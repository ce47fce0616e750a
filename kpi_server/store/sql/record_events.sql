-- Records those events of a source that are new, in the order in which they were sent.
-- $1 organization, $2 batch, $3 source; $4 kinds, $5 subjects, $6 moments, $7 amounts, $8 currencies, $9 attributes as JSON,
-- $10 the source's names of them and $11 digests of what they say, eightwise.
-- One row an event whose name was known before: `place`, from 1, and whether it says what it said then.
with sent as (
    select *
    from unnest(
        $4::text[], $5::text[], $6::timestamptz[], $7::numeric[], $8::text[], $9::text[], $10::text[], $11::bytea[]
    ) with ordinality as sent (kind, subject, occurred_at, amount, currency, attributes, external_id, digest, place)
),
known as (
    select sent.place, name.digest = sent.digest as is_same
    from sent
    join event_names as name
        on name.organization_id = $1 and name.source = $3 and name.external_id = sent.external_id
),
fresh as (
    select * from sent where place not in (select place from known)
),
named as (
    insert into event_names (organization_id, source, external_id, digest)
    select $1, $3, external_id, digest from fresh
),
recorded as (
    insert into events (
        organization_id, kind, occurred_at, id, subject, amount, currency, attributes, source, external_id, batch_id
    )
    select
        $1, kind, occurred_at, nextval('entity_ids'), subject, amount, currency, attributes::jsonb, $3, external_id, $2
    from fresh
    order by place
)
select place, is_same from known order by place
