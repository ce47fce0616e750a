-- How many events there are and their amounts added up. {events} is events_of_periods.
-- One row a period and segment: place, segment, number, amount (0 where events have none).
select place, segment, count(*)::numeric as number, coalesce(sum(amount), 0) as amount
from ({events}) as event
group by place, segment
order by place, segment
