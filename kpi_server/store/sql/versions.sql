-- What an answer over organizations depends on beside its question: the number of their last write, and their own day.
-- $1 organizations, $2 now. One row each by id; primary keys.
select
    organization.id,
    sequence.last as version,
    ($2::timestamptz at time zone organization.time_zone)::date as day
from organizations as organization
join sequences as sequence on sequence.organization_id = organization.id
where organization.id = any ($1::bigint[])
order by organization.id
