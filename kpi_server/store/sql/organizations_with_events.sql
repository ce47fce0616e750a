-- The organizations of which there are events. $1 organizations. By events_by_id.
select wanted.id
from unnest($1::bigint[]) as wanted (id)
where exists (select from events as event where event.organization_id = wanted.id)
