-- Opens every organization to the demo's principals, each in the role it is named after; none exist outside a demo.
-- $1 the prefix of their names. Nothing comes back; primary keys.
insert into memberships (organization_id, principal_id, role)
select tenant.id, principal.id, upper(substr(principal.name, length($1) + 1))
from principals as principal
cross join tenants as tenant
where starts_with(principal.name, $1)
on conflict do nothing
