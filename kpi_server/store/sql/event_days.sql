-- The days of new events. $1 organization, $2 kind, $3 the last event that counts already, $4 the zone. One row a day: `first`,
-- and `last`, null. events_by_id.
select distinct (occurred_at at time zone $4::text)::date as first, null::date as last
from events
where organization_id = $1 and kind = $2 and id > $3
