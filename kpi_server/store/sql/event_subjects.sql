-- DISTINCT sketches of the subjects of events, as domain/sketch/distinct makes them. {events} is events_of_periods.
-- One row a period and segment: place, segment, places, amounts.
with subjects as (
    select distinct place, segment, subject from ({events}) as event
),
hashed as (
    select place, segment, encode(sha256(convert_to(subject, 'UTF8')), 'hex') as hash from subjects
),
ranked as (
    select
        place,
        segment,
        ('x' || substr(hash, 1, 3))::bit(12)::integer as register,
        max(53 - length(ltrim(('x' || substr(hash, 4, 13))::bit(52)::text, '0'))) as rank
    from hashed
    group by place, segment, register
)
select
    place,
    segment,
    array_agg(register order by register) as places,
    array_agg(rank::bigint order by register) as amounts
from ranked
group by place, segment
order by place, segment
