-- When writes were recorded.
-- $1 organizations and $2 batches, pairwise. Rows (organization_id, id, recorded_at); primary key.
select
    batch.organization_id,
    batch.id,
    batch.recorded_at
from unnest($1::bigint[], $2::bigint[]) as wanted (organization_id, id)
join batches as batch on batch.organization_id = wanted.organization_id and batch.id = wanted.id
