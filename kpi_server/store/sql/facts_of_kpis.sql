-- Everything that decides where KPIs stand, each KPI with its organization; rows as in facts.
-- $1 organizations and $2 KPIs, pairwise.
with wanted as (
    select *, true as is_judged, false as has_grown
    from unnest($1::bigint[], $2::bigint[]) as wanted (organization_id, kpi_id)
)
{facts}
