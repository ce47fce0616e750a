-- Records those events of a source that are new, in the order in which they were sent.
-- What is sent, `sent`, is events_in_call or events_in_file: events with their `place` and, where their name was known before,
-- the digest of what they said then (`known`). $1 organization, $2 batch, $3 source, $4 how many conflicts are told; $5 the
-- batch's action, $6 its actor, $7 now.
-- One row: how many said the same before (`unchanged`), how many another thing (`conflicts`), and of the first of these the
-- `places` and `names`.
with sent as materialized (
    {sent}
),
begun as (
    insert into batches (organization_id, id, action, actor, recorded_at)
    select $1, $2, $5, $6, $7
    where exists (select from sent where known is null)
    on conflict do nothing
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
select
    count(*) filter (where known = digest) as unchanged,
    count(*) filter (where known <> digest) as conflicts,
    coalesce((array_agg(place order by place) filter (where known <> digest))[1:$4], '{{}}') as places,
    coalesce((array_agg(external_id order by place) filter (where known <> digest))[1:$4], '{{}}') as names
from sent
