-- The status on the organization's own day: what is kept, unless the target's last day is not over yet.
-- One expression on `standing` (kpi_current), $1 is now; shared by every statement that shows or filters a status. The
-- day is asked for only where there is a last day, and so for few rows.
case
    when standing.status is null then 'NO_TARGET'
    when standing.due_on is not null and standing.status <> 'NO_TARGET' and standing.due_on >= (
        select ($1::timestamptz at time zone place.time_zone)::date
        from organizations as place
        where place.id = standing.organization_id
    ) then 'NOT_YET_DUE'
    else standing.status
end
