-- Everything that decides where the touched KPIs of an organization stand; rows as in facts.
-- $1 organization, $2 the KPIs that were touched, null for all of them, $3 whether
-- facts were only added to what is judged already. With them those whose target is a multiple of
-- theirs, and, not to be judged, those of whose value a target is a multiple. Targets by kpi and of_kpi.
with touched as (
    select unnest(coalesce($2::bigint[], array(select id from kpis where organization_id = $1))) as id
),
judged as (
    select id from touched
    union
    select kpi_id from targets where organization_id = $1 and of_kpi_id in (select id from touched)
),
wanted (organization_id, kpi_id, is_judged, has_grown) as (
    select $1::bigint, id, true, $3::boolean from judged
    union all
    (
        select $1::bigint, of_kpi_id, false, $3::boolean
        from targets
        where organization_id = $1 and kpi_id in (select id from judged) and of_kpi_id is not null
        except
        select $1::bigint, id, false, $3::boolean from judged
    )
)
{facts}
