-- The receipts of imports with the numbers of their writes, to be narrowed by conditions on `entry`, its organization first.
-- What was wrong with their rows is read only where it is asked for (reasons_of_imports). Primary keys.
select
    entry.organization_id, entry.id, entry.name, entry.source, entry.content, entry.format, entry.actor, entry.began_at, entry.ended_at,
    entry.recorded, entry.corrected, entry.unchanged, entry.rejected, entry.batch_id, batch.sequence as version/*columns*/
from imports as entry
left join batches as batch on batch.organization_id = entry.organization_id and batch.id = entry.batch_id
{where}
