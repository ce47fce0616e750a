-- Every API token with its principal and what it opens; the token itself is not stored.
-- No inputs. One row a token, oldest first; the tables are small.
select
    token.id,
    principal.name as principal,
    token.hint,
    token.created_at,
    token.expires_at,
    token.revoked_at,
    token.trusted_only,
    coalesce(
        array_agg(membership.organization_id order by membership.organization_id)
            filter (where membership.organization_id is not null),
        '{}'
    ) as organization_ids,
    coalesce(
        array_agg(tenant.slug order by membership.organization_id)
            filter (where membership.organization_id is not null),
        '{}'
    ) as slugs,
    coalesce(
        array_agg(membership.role order by membership.organization_id)
            filter (where membership.organization_id is not null),
        '{}'
    ) as roles,
    coalesce(
        array_agg(membership.department order by membership.organization_id)
            filter (where membership.organization_id is not null),
        '{}'
    ) as departments
from api_tokens as token
join principals as principal on principal.id = token.principal_id
left join memberships as membership on membership.principal_id = principal.id
left join tenants as tenant on tenant.id = membership.organization_id
group by token.id, principal.name
order by token.created_at, token.id
