-- Remembers what a source means by the ids in the staged rows.
-- $1 organization, $2 source. Primary key of external_ids.
insert into external_ids (organization_id, source, external_id, measure_id, segment, period)
select $1, $2, staged.external_id, measure.id, line.segment, period.period
from staged
join staged_series as line on line.number = staged.series
join staged_periods as period on period.number = staged.period
join measures as measure on measure.organization_id = $1 and measure.key = line.measure
where staged.external_id is not null
on conflict do nothing
