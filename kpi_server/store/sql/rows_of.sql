-- The rows of one table that bear any of these keys: a thing by its id, or the children of many parents at once.
-- $1 organizations and $2 keys, pairwise; {{table}}, {{column}} and {{type}} are the table, its key column and that column's type.
-- Rows in document order; primary keys, the natural keys, and the indexes by parent.
select entry.*
from unnest($1::bigint[], $2::{type}[]) as wanted (organization_id, key)
join {table} as entry on entry.organization_id = wanted.organization_id and entry.{column} = wanted.key
order by entry.position, entry.id
