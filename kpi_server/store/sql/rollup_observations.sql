-- The observations that rollup keeps of each cell, the first so many. Follows rollup.
-- {{held}} is rollup_held, {{most}} is how many of a cell are wanted; {{rates}} is rates_of_periods of `foreign_money`. Rows
-- (place, count, those of observations, and the rate of foreign amounts) by period, then segment; count is of all.
, parts as materialized (
    select kept.place, kept.measure_id, kept.grain, kept.period_start, kept.period_end, part.segment
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
),
shown as materialized (
    select found.*, measure.key as measure, cell.over_time not in ('FIRST', 'LAST') as is_flow
    from found
    join cells as cell using (place)
    join measures as measure on measure.organization_id = $1 and measure.id = found.measure_id
    where number <= {most}
),
foreign_money as materialized (
    select distinct
        organization.id as organization_id, shown.currency as base, organization.currency as quote, period_start, period_end, is_flow
    from shown
    join organizations as organization on organization.id = $1
    where shown.currency is not null
),
rates as materialized (
    {rates}
)
select shown.*, rates.quote, rates.rate, rates.first_day, rates.last_day
from shown
left join rates
    on rates.base = shown.currency
    and rates.period_start = shown.period_start
    and rates.period_end = shown.period_end
    and rates.is_flow = shown.is_flow
order by place, number
