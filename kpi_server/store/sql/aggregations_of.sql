-- How far organizations' events are aggregated, and why an aggregate could not be made the last time.
-- $1 organizations; $2 aggregates and $3 the kinds of their events, pairwise. One row an organization and aggregate, with how
-- many events are waiting. Primary keys, and events_by_id for those behind the last that counts.
select
    organization.id as organization_id, declared.aggregate, aggregation.last_start, failed.failed_at, failed.failure,
    (
        select count(*)
        from events as event
        where event.organization_id = organization.id
            and event.kind = declared.kind
            and event.id > coalesce(aggregation.event_id, 0)
    ) as waiting
from organizations as organization
cross join unnest($2::text[], $3::text[]) with ordinality as declared (aggregate, kind, place)
left join aggregations as aggregation
    on aggregation.organization_id = organization.id and aggregation.aggregate = declared.aggregate
left join aggregation_failures as failed
    on failed.organization_id = organization.id and failed.aggregate = declared.aggregate
where organization.id = any ($1::bigint[])
order by declared.place
