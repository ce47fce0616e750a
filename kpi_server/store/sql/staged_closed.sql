-- Takes out of the staged rows those of periods inside a closed one.
-- $1 its first day and $2 the day after its last, $3 how many are told. Rows (position, period, count) as in
-- staged_repetitions.
with closed as (
    delete from staged
    where period_start >= $1 and period_end <= $2
    returning position, period
)
select position, period, count(*) over () as count
from closed
order by position
limit $3
