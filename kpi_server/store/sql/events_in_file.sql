-- What was staged, as record_events takes it: of several rows of one name the first counts. A piece of that statement.
select
    staged.*,
    coalesce(
        known.digest,
        case when row_number() over named > 1 then first_value(staged.digest) over named end
    ) as known
from staged_events as staged
left join lateral (
    select name.digest
    from event_names as name
    where name.organization_id = $1 and name.source = $3 and name.external_id = staged.external_id
    limit 1
) as known on true
window named as (partition by staged.external_id order by staged.place)
