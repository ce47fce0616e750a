-- What is recorded of measures: each segment and grain, and from when to when.
-- $1 organization, $2 keys of measures. Rows (key, segment, grain, first_start, last_start) in the order of segments, C;
-- measures by key, series by primary key.
select measure.key, series.segment, series.grain, series.first_start, series.last_start
from measures as measure
join series on series.organization_id = measure.organization_id and series.measure_id = measure.id
where measure.organization_id = $1 and measure.key = any ($2::text[])
order by series.segment collate "C", series.grain
