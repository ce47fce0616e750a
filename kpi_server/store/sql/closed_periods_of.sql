-- The closed periods of organizations, the earliest first. $1 organizations. closed_periods_standing.
select organization_id, period, closed_at, actor
from closed_periods
where organization_id = any ($1::bigint[]) and ended_in is null
order by period_start, period_end, period
