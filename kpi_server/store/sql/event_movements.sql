-- How what subjects stand at moved: a subject stands at the amount of its last event, until the next.
-- Parameters as in events_of_periods, the earliest period first; {segment} and {amount} are expressions of an event. One row a
-- period and segment, and one a period as a whole (segment ''), from the first event of each on, also when nobody is left:
-- place, segment, opening, entered, grown, shrunk, gone, closing. All events of the kind before the last period's end, once:
-- what a period opens with are all changes before it, and only subjects with events in it move.
with stated as (
    select
        event.subject,
        event.occurred_at,
        event.id,
        {segment} as segment,
        {amount} as amount
    from events as event
    where event.organization_id = $1
        and event.kind = $2
        and event.occurred_at < (select max(ends) from unnest($4::timestamptz[]) as ends)
),
changed as (
    select
        stated.*,
        lag(amount, 1, 0) over chain as amount_before,
        lag(segment, 1, segment) over chain as segment_before,
        width_bucket(occurred_at, $3::timestamptz[]) as place
    from stated
    window chain as (partition by subject order by occurred_at, id)
),
changes as (
    select place, '' as segment, occurred_at, amount - amount_before as change from changed
    union all
    select place, segment, occurred_at, amount from changed where segment <> ''
    union all
    select place, segment_before, occurred_at, -amount_before from changed where segment <> ''
),
parts as (
    select segment, min(occurred_at) as first from changes group by segment
),
openings as (
    select wanted.place, parts.segment, coalesce(sum(summed.change), 0) as opening
    from unnest($3::timestamptz[], $4::timestamptz[]) with ordinality as wanted (begins, ends, place)
    join parts on parts.first < wanted.ends
    left join (
        select place, segment, sum(change) as change from changes group by place, segment
    ) as summed
        on summed.segment = parts.segment and summed.place < wanted.place
    group by wanted.place, parts.segment
),
moved as (
    select
        place,
        subject,
        (array_agg(amount_before order by occurred_at, id))[1] as opening,
        (array_agg(segment_before order by occurred_at, id))[1] as opened_in,
        (array_agg(amount order by occurred_at desc, id desc))[1] as closing,
        (array_agg(segment order by occurred_at desc, id desc))[1] as closed_in
    from changed
    where place > 0 and occurred_at < ($4::timestamptz[])[place]
    group by place, subject
),
shares as (
    select place, '' as segment, opening, closing from moved
    union all
    select place, closed_in, opening, closing from moved where closed_in <> '' and closed_in = opened_in
    union all
    select place, opened_in, opening, 0 from moved where closed_in <> opened_in
    union all
    select place, closed_in, 0, closing from moved where closed_in <> opened_in
),
bridges as (
    select
        place,
        segment,
        coalesce(sum(closing) filter (where opening = 0), 0) as entered,
        coalesce(sum(closing - opening) filter (where opening <> 0 and closing > opening), 0) as grown,
        coalesce(sum(opening - closing) filter (where closing <> 0 and opening <> 0 and closing < opening), 0) as shrunk,
        coalesce(sum(opening) filter (where closing = 0), 0) as gone
    from shares
    group by place, segment
)
select
    openings.place,
    openings.segment,
    openings.opening,
    coalesce(bridges.entered, 0) as entered,
    coalesce(bridges.grown, 0) as grown,
    coalesce(bridges.shrunk, 0) as shrunk,
    coalesce(bridges.gone, 0) as gone,
    openings.opening + coalesce(bridges.entered + bridges.grown - bridges.shrunk - bridges.gone, 0) as closing
from openings
left join bridges on bridges.place = openings.place and bridges.segment = openings.segment
order by openings.place, openings.segment
