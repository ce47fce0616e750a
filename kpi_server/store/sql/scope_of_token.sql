-- Who a bearer token is, and where it opens what.
-- $1 the SHA-256 of the token, $2 now. One row for every organization; none when the token is unknown, expired or
-- revoked, or opens nothing: a caller cannot tell which. Unique key of api_tokens.hash, index on memberships.principal_id.
select
    principal.id as principal_id,
    principal.name as principal,
    token.expires_at,
    token.trusted_only,
    membership.organization_id,
    tenant.slug,
    membership.role,
    membership.department
from api_tokens as token
join principals as principal on principal.id = token.principal_id
join memberships as membership on membership.principal_id = principal.id
join tenants as tenant on tenant.id = membership.organization_id
where token.hash = $1
    and token.revoked_at is null
    and (token.expires_at is null or token.expires_at > $2)
order by membership.organization_id
