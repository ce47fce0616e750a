-- The status of a KPI on its organization's own day: what is kept, unless the target's last day is not over yet.
-- An expression; {status}, {due_on} and {organization_id} are columns of kpi_current, {now} the request's moment. The
-- day is asked only where there is a last day.
case
    when {status} is null then 'NO_TARGET'
    when {due_on} is not null and {status} <> 'NO_TARGET' and {due_on} >= (
        select ({now} at time zone place.time_zone)::date from organizations as place where place.id = {organization_id}
    ) then 'NOT_YET_DUE'
    else {status}
end
