-- The status on the organization's own day: what is kept, unless the target's last day is not over yet.
-- One expression on `standing` (kpi_current) and `today`; shared by every statement that shows or filters a status.
case
    when standing.status is null then 'NO_TARGET'
    when standing.status <> 'NO_TARGET' and standing.due_on >= today.day then 'NOT_YET_DUE'
    else standing.status
end
