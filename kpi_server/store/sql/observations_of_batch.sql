-- The observations that one write added, in the order in which they were sent.
-- $1 organization, $2 batch, $3 how many. Rows as they are, with the key of their measure; by primary key.
select entry.*, measure.key as measure
from observations as entry
join measures as measure on measure.organization_id = entry.organization_id and measure.id = entry.measure_id
where entry.organization_id = $1 and entry.batch_id = $2
order by entry.position, entry.id
limit $3
