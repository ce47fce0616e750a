-- The segments in which measures are recorded. $1 organizations and $2 measures' keys, pairwise.
-- One row a measure and segment; measures_key, then series by primary key.
select distinct
    measure.organization_id,
    measure.key,
    series.segment
from unnest($1::bigint[], $2::text[]) as wanted (organization_id, key)
join measures as measure on measure.organization_id = wanted.organization_id and measure.key = wanted.key
join series on series.organization_id = measure.organization_id and series.measure_id = measure.id
order by series.segment
