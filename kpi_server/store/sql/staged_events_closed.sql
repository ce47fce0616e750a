-- Takes out of the staged events those of a closed period.
-- $1 its first moment and $2 the first after it, $3 how many are told. Rows (place, occurred_at, count) as in
-- staged_repetitions.
with closed as (
    delete from staged_events
    where occurred_at >= $1 and occurred_at < $2
    returning place, occurred_at
)
select place, occurred_at, count(*) over () as count
from closed
order by place
limit $3
