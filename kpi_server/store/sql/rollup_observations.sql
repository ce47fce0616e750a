-- The observations that rollup keeps of each cell, the first so many. Follows rollup.
-- {{held}} is rollup_held, {{most}} is how many of a cell are wanted. Rows (place, count, and those of
-- observations) in the order of periods, then segments; count is of all.
, parts as materialized (
    select kept.place, kept.measure_id, kept.grain, kept.period_start, part.segment
    from kept
    cross join unnest(kept.segments) as part (segment)
    where kept.absence is null
),
found as (
    select
        part.place,
        held.*,
        row_number() over (partition by part.place order by held.period_start, held.segment) as number,
        count(*) over (partition by part.place) as count
    from parts as part
    cross join lateral (
        {held}
    ) as held
)
select found.*, measure.key as measure
from found
join measures as measure on measure.organization_id = $1 and measure.id = found.measure_id
where number <= {most}
order by place, number
