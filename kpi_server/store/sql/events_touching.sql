-- The days whose aggregates new events touch. $1 organization, $2 kind, $3 the last event that counts already, $4 the zone.
-- One row a pair of days: `first`, that of an event, and `last`, that of its subject's next event, null where there is none
-- (an event lasts until then). New events by events_by_id, each one's next by events_by_subject.
select distinct
    (fresh.occurred_at at time zone $4::text)::date as first,
    (follower.occurred_at at time zone $4::text)::date as last
from events as fresh
left join lateral (
    select event.occurred_at
    from events as event
    where event.organization_id = $1
        and event.kind = $2
        and event.subject = fresh.subject
        and (event.occurred_at, event.id) > (fresh.occurred_at, fresh.id)
    order by event.occurred_at, event.id
    limit 1
) as follower on true
where fresh.organization_id = $1 and fresh.kind = $2 and fresh.id > $3
