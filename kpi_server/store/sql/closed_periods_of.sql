-- The closed periods of organizations, the earliest first. $1 organizations. closed_periods_standing.
select organization_id, period, period_start, period_end, closed_at, actor, batch_id
from closed_periods
where organization_id = any ($1::bigint[]) and ended_in is null
order by period_start, period_end, period
