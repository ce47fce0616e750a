-- The cells of which several sources state something. $1 organization. Reads all of its observations.
select measure.key, stated.measure_id, stated.segment, stated.grain, stated.period_start
from observations as stated
join measures as measure on measure.organization_id = $1 and measure.id = stated.measure_id
where stated.organization_id = $1 and not stated.withdrawn
group by measure.key, stated.measure_id, stated.segment, stated.grain, stated.period_start
having count(distinct coalesce(stated.source, stated.origin)) > 1
