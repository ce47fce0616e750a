-- How what subjects stand at moved: a subject stands at the amount of its last event, until the next.
-- Parameters as in events_of_periods; {segment} and {amount} are expressions of an event. One row a period and segment, and
-- one a period as a whole (segment ''), from the first event of each on, also when nobody is left: place, segment, opening,
-- entered, grown, shrunk, gone, closing. All events of the kind before the last period's end, by events_by_subject.
with stated as (
    select
        event.subject,
        event.occurred_at as since,
        lead(event.occurred_at, 1, 'infinity') over (
            partition by event.subject order by event.occurred_at, event.id
        ) as until,
        {segment} as segment,
        {amount} as amount
    from events as event
    where event.organization_id = $1
        and event.kind = $2
        and event.occurred_at < (select max(ends) from unnest($4::timestamptz[]) as ends)
),
wanted as (
    select * from unnest($3::timestamptz[], $4::timestamptz[]) with ordinality as wanted (begins, ends, place)
),
parts as (
    select segment, min(since) as first from stated where segment <> '' group by segment
    union all
    select '', min(since) from stated
),
held as (
    select wanted.place, stated.subject, stated.segment, stated.amount as opening, 0 as closing
    from wanted
    join stated on stated.since < wanted.begins and stated.until >= wanted.begins and stated.amount <> 0
    union all
    select wanted.place, stated.subject, stated.segment, 0, stated.amount
    from wanted
    join stated on stated.since < wanted.ends and stated.until >= wanted.ends and stated.amount <> 0
),
moved as (
    select place, '' as segment, subject, sum(opening) as opening, sum(closing) as closing
    from held
    group by place, subject
    union all
    select place, segment, subject, sum(opening), sum(closing)
    from held
    where segment <> ''
    group by place, segment, subject
)
select
    wanted.place,
    parts.segment,
    coalesce(sum(opening), 0) as opening,
    coalesce(sum(closing) filter (where opening = 0), 0) as entered,
    coalesce(sum(closing - opening) filter (where opening <> 0 and closing > opening), 0) as grown,
    coalesce(sum(opening - closing) filter (where closing <> 0 and opening <> 0 and closing < opening), 0) as shrunk,
    coalesce(sum(opening) filter (where closing = 0), 0) as gone,
    coalesce(sum(closing), 0) as closing
from wanted
join parts on parts.first < wanted.ends
left join moved on moved.place = wanted.place and moved.segment = parts.segment
group by wanted.place, parts.segment
order by wanted.place, parts.segment
