-- The slugs of organizations.
-- $1 the organizations. One row each; primary key.
select id, slug
from organizations
where id = any ($1::bigint[])
