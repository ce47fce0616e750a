-- Takes out of the staged rows those of periods inside a closed one.
-- $1 its first day and $2 the day after its last, $3 how many are told. Rows (position, period, count) as in
-- staged_repetitions.
with closed as (
    delete from staged
    using staged_periods as period
    where period.number = staged.period and period.period_start >= $1 and period.period_end <= $2
    returning staged.position, period.period
)
select position, period, count(*) over () as count
from closed
order by position
limit $3
