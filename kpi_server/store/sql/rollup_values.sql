-- What rollup keeps, one row a cell of which anything is recorded: its value, what of it is known, or what is refused.
-- Follows rollup; {{columns}} and {{joins}} read sketches (rollup_sketches.sql).
, rolled as (
    select
        place,
        case over_time
            when 'SUM' then sum(value)
            when 'AVG' then sum(value)
            when 'MIN' then min(value)
            when 'MAX' then max(value)
            when 'FIRST' then (array_agg(value order by period_start))[1]
            else (array_agg(value order by period_start desc))[1]
        end as value,
        bool_or(is_whole) as is_whole,
        count(*) as periods,
        min(length) as shortest,
        sum(case grain when 'YEAR' then 12 when 'QUARTER' then 3 when 'MONTH' then 1 else 0 end) as months,
        sum(period_end - period_start) as days,
        array_agg(distinct grain::text) as grains,
        bool_or(foreign_money) as foreign_money,
        min(lacking) as lacking
    from kept
    where absence is null
    group by place, over_time
),
refused as (
    select
        place,
        (array_agg(absence order by array_position(array['NON_ADDITIVE', 'NO_DATA', 'UNDEFINED'], absence)))[1] as absence,
        array_agg(distinct keys::text) as keys
    from kept
    where absence is not null
    group by place
)
select
    place, rolled.value, rolled.is_whole, rolled.periods, rolled.shortest, rolled.months, rolled.days, rolled.grains,
    rolled.foreign_money, rolled.lacking, refused.absence, refused.keys{columns}
from rolled
full join refused using (place)
{joins}
