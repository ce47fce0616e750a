-- From what an aggregate is made for an organization, and how far it is made.
-- $1 organization, $2 aggregate, $3 the kind of its events. One row; primary keys, and events_by_id for the newest event.
select
    organization.currency,
    organization.calendar,
    organization.time_zone,
    array(select key from segments where organization_id = $1 order by key) as segments,
    aggregation.definition,
    coalesce(aggregation.event_id, 0) as event_id,
    aggregation.last_start,
    (select max(id) from events where organization_id = $1 and kind = $3) as newest
from organizations as organization
left join aggregations as aggregation
    on aggregation.organization_id = organization.id and aggregation.aggregate = $2
where organization.id = $1
