-- Organizations with the number of their last write.
-- $1 the organizations that the caller may see. One row each; primary keys.
select
    organization.*,
    sequence.last as version/*columns*/
from organizations as organization
join sequences as sequence on sequence.organization_id = organization.id
where organization.id = any ($1::bigint[])
