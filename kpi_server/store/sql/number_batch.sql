-- Gives a batch its organization's next number. The row lock on the counter makes the order of numbers the order of
-- commits, so it is the last statement of a write.
-- $1 organization, $2 batch, $3 when it was recorded; answers the number. Primary keys of sequences and batches.
with numbered as (
    update sequences set last = last + 1
    where organization_id = $1
    returning organization_id, last
)
update batches set sequence = numbered.last, recorded_at = $3
from numbered
where batches.organization_id = $1 and batches.organization_id = numbered.organization_id and batches.id = $2
returning batches.sequence
