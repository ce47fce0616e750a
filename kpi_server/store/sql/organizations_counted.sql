-- The organizations that are counted, with the number of their last write. $1 organizations; primary keys.
select organizations.id, organizations.slug, organizations.name, sequences.last
from organizations
join sequences on sequences.organization_id = organizations.id
where organizations.id = any ($1::bigint[])
order by organizations.slug
