-- The observations that one write added, in the order in which they were sent.
-- $1 organization, $2 batch, $3 how many. Rows as they are; observations_by_batch.
select entry.*
from observations as entry
where entry.organization_id = $1 and entry.batch_id = $2
order by entry.position, entry.id
limit $3
