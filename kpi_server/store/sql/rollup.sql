-- Measures rolled up: what domain/rollup.py says, for any number of cells. What was recorded wins over what is put together.
-- $1 organization; $2 the first day of all spans and $3 the day after; spans of a measure and segment to read, sevenwise: $4
-- measures by key, $5 segments, $6 first days, $7 days after, $8 the grains that count, by commas, $9 across, $10 measures that
-- weight (or ''); cells, fourwise: $11 the place of its span, from 1, $12 first days, $13 days after, $14 over_time, or the
-- kind of sketch; $11 and $14 as the text of an array, which is quicker to send. {{inside}} is rollup_inside; {{segments}} are
-- the segments of which one is put together, where {{select}} reads them: rollup_values, or rollup_observations. {{money}} and
-- {{weighed_money}} say whether amounts of other currencies are among them, or are those that are put together apart, by
-- {{currency}} and {{currencies}}; {{together}} is put_together itself, or what {{converted}} (rollup_converted) makes of it.
-- {{weight_facts}} leaves out generated weights. Ends with `kept`: for each cell (place, from 1) what it is made of. series by
-- primary key, observations by observations_standing between the ends, in the partitions of their years alone. {{days}}
-- (rollup_days) tells the periods of a grain apart. A place of another type than ordinality's has no order that the planner
-- knows of: to keep it, cells would be compared with the spots of all spans, instead of meeting those of their own by hash.
with spans as (
    select *
    from unnest($4::text[], $5::text[], $6::date[], $7::date[], $8::text[], $9::text[], $10::text[]) with ordinality
        as span (key, segment, first_day, day_after, grains, across, weight, span)
),
cells as (
    select span, first_day, day_after, over_time, place::integer
    from unnest($11::text::bigint[], $12::date[], $13::date[], $14::text::text[]) with ordinality
        as cell (span, first_day, day_after, over_time, place)
),
grains (grain, length) as (
    values ('DAY', 1), ('WEEK', 2), ('MONTH', 3), ('QUARTER', 4), ('YEAR', 5)
),
sources as materialized (
    select
        span.span, measure.id as measure_id, weight.id as weight_id, span.first_day, span.day_after, grains.length, series.grain,
        regexp_replace(series.segment, '=[^,]*', '', 'g') collate "C" as keys,
        case when series.segment = span.segment then 'OWN' else span.across end as across,
        array_agg(series.segment::text) as segments
    from spans as span
    join measures as measure on measure.organization_id = $1 and measure.key = span.key
    left join measures as weight on weight.organization_id = $1 and weight.key = span.weight
    join series
        on series.organization_id = $1
        and series.measure_id = measure.id
        and series.grain = any (string_to_array(span.grains, ','))
        and (
            span.segment in ('', series.segment)
            or string_to_array(series.segment, ',') @> string_to_array(span.segment, ',')
        )
        and series.first_start < span.day_after
        and series.last_start >= span.first_day
    join grains on grains.grain = series.grain
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
),
put_together as (
    select
        source.span, source.measure_id, source.length, source.grain, source.keys, source.across,
        {segments} as segments,
        found.*
    from sources as source
    cross join lateral (
        select
            min(observation.period_start) as period_start,
            min(observation.period_end) as period_end,
            coalesce(
                sum(observation.value) filter (where source.across in ('OWN', 'SUM')),
                min(observation.value) filter (where source.across = 'MIN'),
                max(observation.value) filter (where source.across = 'MAX')
            ) as value,
            null::numeric as weight,
            case source.across when 'NONE' then 'NON_ADDITIVE' end as absence,
            {money}
        from observations as observation
        where {inside}
        group by {days}{currency}
    ) as found
    where source.across <> 'WEIGHTED'
    union all
    select
        source.span, source.measure_id, source.length, source.grain, source.keys, source.across,
        {segments},
        found.*
    from sources as source
    cross join lateral (
        select
            min(observation.period_start),
            min(observation.period_end),
            sum(observation.value * weight.value),
            sum(weight.value),
            case when not bool_and(weight.value is not null) then 'NO_DATA' end,
            {weighed_money}
        from observations as observation
        left join lateral (
            select weighed.value, weighed.currency
            from observations as weighed
            where weighed.organization_id = $1
                and weighed.measure_id = source.weight_id
                and weighed.segment = observation.segment
                and weighed.grain = source.grain
                and weighed.period_start = observation.period_start
                and weighed.period_end = observation.period_end
                and weighed.period_start >= $2
                and weighed.period_start < $3
                and weighed.ended_in is null{weight_facts}
            limit 1
        ) as weight on true
        where {inside}
        group by {days}{currencies}
    ) as found
    where source.across = 'WEIGHTED'
),
{converted}
spots as (
    select distinct on (span, length, period_start, period_end)
        span, measure_id, length, grain, keys, across, segments, period_start, period_end, foreign_money, lacking,
        case when weight is null then value else round(value, 40) / nullif(weight, 0) end as value,
        coalesce(absence, case when weight = 0 and not foreign_money then 'UNDEFINED' end) as absence
    from {together}
    order by span, length, period_start, period_end, across <> 'OWN', cardinality(string_to_array(keys, ',')), keys
),
inside as (
    select
        cell.place, cell.over_time, spot.*,
        spot.period_start = cell.first_day and spot.period_end = cell.day_after as is_whole,
        max(spot.period_end) filter (where spot.absence is null) over (
            partition by cell.place
            order by spot.period_start, spot.period_end desc
            rows between unbounded preceding and 1 preceding
        ) as reached
    from cells as cell
    join spots as spot
        on spot.span = cell.span
        and spot.period_start >= cell.first_day
        and spot.period_end <= cell.day_after
),
uncovered as (
    select *, max(length) filter (where absence is null) over (partition by place) as longest
    from inside
    where reached is null or period_start >= reached
),
kept as (
    select *
    from uncovered
    where absence is not null or over_time <> 'AVG' or length = longest
)
{select}
