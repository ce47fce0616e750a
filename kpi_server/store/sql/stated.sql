-- What was stated of a cell by whomever, to be narrowed by conditions on `entry`: the organization, the measure, the segment,
-- the grain and the first day of its period. Also what stands no longer and what was taken back; observations_standing and
-- observations_ended, in the one partition of the period.
select entry.*, measure.key as measure/*columns*/
from observations as entry
join measures as measure on measure.organization_id = entry.organization_id and measure.id = entry.measure_id
{where}
