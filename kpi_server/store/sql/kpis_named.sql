-- Which KPIs of an organization a text may mean, and how strongly: 1 its key, 2 a name or alias of the organization's own,
-- 3 a name or alias of the families'.
-- $1 organizations, $2 texts, $3 texts folded (letters and digits in lower case), $4 for each the keys that the families know
-- by it, joined by a space. Rows (organization_id, asked, kpi_id, key, name, rank); natural key, kpi_aliases_by_folded.
select
    wanted.organization_id,
    wanted.asked,
    meaning.id as kpi_id,
    meaning.key,
    meaning.name,
    min(meaning.rank) as rank
from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) as wanted (organization_id, asked, folded, known)
cross join lateral (
    select by_key.id, by_key.key, by_key.name, 1 as rank
    from kpis as by_key
    where by_key.organization_id = wanted.organization_id and by_key.key = wanted.asked
    union all
    select by_name.id, by_name.key, by_name.name, 2
    from kpis as by_name
    where by_name.organization_id = wanted.organization_id
        and regexp_replace(lower(normalize(by_name.name, nfkc)), '[^[:alnum:]]', '', 'g') = wanted.folded
    union all
    select aliased.id, aliased.key, aliased.name, 2
    from kpi_aliases as alias
    join kpis as aliased on aliased.organization_id = alias.organization_id and aliased.id = alias.kpi_id
    where alias.organization_id = wanted.organization_id and alias.folded = wanted.folded
    union all
    select by_family.id, by_family.key, by_family.name, 3
    from kpis as by_family
    where by_family.organization_id = wanted.organization_id
        and by_family.key = any (string_to_array(wanted.known, ' '))
) as meaning
group by wanted.organization_id, wanted.asked, meaning.id, meaning.key, meaning.name
order by meaning.key
