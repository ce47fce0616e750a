-- The events of some periods, each with its segment and its amount in the organization's currency.
-- A select, for others to group. $1 organization, $2 kind; $3 first moments of periods and $4 the moments after their last,
-- pairwise; $5 attributes that make segments, sorted, and $6 what values of them are told apart, as "plan=pro"; $7 the
-- organization's currency and $8 its zone. `place` says of which period, from 1. Primary key, in the periods' partitions.
select
    wanted.place,
    event.subject,
    {segment} as segment,
    {amount} as amount
from unnest($3::timestamptz[], $4::timestamptz[]) with ordinality as wanted (begins, ends, place)
join events as event
    on event.organization_id = $1
    and event.kind = $2
    and event.occurred_at >= wanted.begins
    and event.occurred_at < wanted.ends
