-- Organizations with the number of their last write, and the epoch in which it means something.
-- $1 the organizations that the caller may see. One row each; primary keys.
select
    organization.*,
    sequence.last as version,
    (select epoch from feed_epochs)::text as feed_epoch/*columns*/
from organizations as organization
join sequences as sequence on sequence.organization_id = organization.id
where organization.id = any ($1::bigint[])
