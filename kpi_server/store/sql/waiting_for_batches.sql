-- How many calculated values wait to be calculated again since each write: what a later one marked again counts there.
-- $1 organizations and $2 batches, pairwise. The organizations' rows of dirty_cells, once.
select cell.organization_id, cell.batch_id, count(*) as count
from dirty_cells as cell
where (cell.organization_id, cell.batch_id) in (select * from unnest($1::bigint[], $2::bigint[]))
group by cell.organization_id, cell.batch_id
