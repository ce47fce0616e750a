-- What was wrong with the rows of imports: the first reasons, as JSON. $1 organizations and $2 imports, pairwise. Primary key.
select entry.organization_id, entry.id, entry.reasons::text as reasons
from unnest($1::bigint[], $2::bigint[]) as wanted (organization_id, id)
join imports as entry on entry.organization_id = wanted.organization_id and entry.id = wanted.id
