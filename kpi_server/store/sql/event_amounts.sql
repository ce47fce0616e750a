-- HISTOGRAM sketches of the amounts of events, as domain/sketch/histogram makes them. {events} is events_of_periods; $9 are
-- the least values of the buckets. One row a period and segment: place, segment, places, amounts.
with counted as (
    select place, segment, sign(amount)::integer * width_bucket(abs(amount)::float8, $9::float8[]) as bucket, count(*)
    from ({events}) as event
    group by place, segment, bucket
)
select
    place,
    segment,
    array_agg(bucket order by bucket) as places,
    array_agg(count order by bucket) as amounts
from counted
group by place, segment
order by place, segment
