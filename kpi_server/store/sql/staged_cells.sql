-- Which cell each of the staged rows is of: a number by measure, segment, grain and first day, in this order. A piece of other
-- statements. Days are fewer than 2 to the power of 22.
select
    staged.ctid as place, staged.position,
    (line.rank << 22) + (period.period_start - date '0001-01-01') as cell
from staged
join (
    select number, dense_rank() over (order by measure, segment, grain) as rank from staged_series
) as line on line.number = staged.series
join staged_periods as period on period.number = staged.period
