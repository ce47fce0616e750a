-- The cells of which something generated is stated and not taken back, and whether that stands.
-- $1 organization, $2 the source of what is generated. Reads all of the organization's observations.
select
    measure.key, one.measure_id, one.segment, one.grain, one.period_start, one.source, null::text as document,
    bool_or(one.ended_in is null) as stood
from observations as one
join measures as measure on measure.organization_id = $1 and measure.id = one.measure_id
where one.organization_id = $1 and one.source = $2 and not one.withdrawn
group by measure.key, one.measure_id, one.segment, one.grain, one.period_start, one.source
