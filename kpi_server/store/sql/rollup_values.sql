-- What rollup keeps, one row a cell of which anything is recorded: its value, what of it is known, or what is refused.
-- Follows rollup; {{columns}} and {{joins}} read sketches (rollup_sketches.sql).
-- Nothing is sorted for it: the first and the last are the least and the greatest of pairs of day and value.
, rolled as (
    select
        place,
        case over_time
            when 'SUM' then sum(value)
            when 'AVG' then sum(value)
            when 'MIN' then min(value)
            when 'MAX' then max(value)
            when 'FIRST' then (min(array[(period_start - date '2000-01-01')::numeric, value]) filter (where over_time = 'FIRST'))[2]
            else (
                max(array[(period_start - date '2000-01-01')::numeric, value])
                    filter (where over_time not in ('SUM', 'AVG', 'MIN', 'MAX', 'FIRST'))
            )[2]
        end as value,
        bool_or(is_whole) as is_whole,
        count(*) as periods,
        min(length) as shortest,
        sum(case grain when 'YEAR' then 12 when 'QUARTER' then 3 when 'MONTH' then 1 else 0 end) as months,
        sum(period_end - period_start) as days,
        bit_or(1 << length) as lengths,
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
    place, rolled.value, rolled.is_whole, rolled.periods, rolled.shortest, rolled.months, rolled.days, rolled.lengths,
    rolled.foreign_money, rolled.lacking, refused.absence, refused.keys{columns}
from rolled
full join refused using (place)
{joins}
