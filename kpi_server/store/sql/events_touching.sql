-- The days that new events touch which last until the next of their subject. $1 organization, $2 kind, $3 the last event that
-- counts already, $4 the zone. One row a pair of days: `first`, that of an event, and `last`, that of its subject's next
-- event, null where there is none. New events by events_by_id, all events of their subjects by events_by_subject.
with chain as (
    select
        event.id,
        event.occurred_at,
        lead(event.occurred_at) over (partition by event.subject order by event.occurred_at, event.id) as follower
    from (
        select distinct subject from events where organization_id = $1 and kind = $2 and id > $3
    ) as fresh
    join events as event on event.organization_id = $1 and event.kind = $2 and event.subject = fresh.subject
)
select distinct
    (occurred_at at time zone $4::text)::date as first,
    (follower at time zone $4::text)::date as last
from chain
where id > $3
