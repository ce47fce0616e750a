-- Makes series what the standing observations say, after some stand no longer or again: where each begins and ends, or that
-- there is none. $1 organization; $2 measures, $3 segments and $4 grains, threewise. Series by primary key, the ends of each
-- by observations_standing.
with asked as (
    select distinct * from unnest($2::bigint[], $3::text[], $4::text[]) as asked (measure_id, segment, grain)
),
extent as materialized (
    select asked.measure_id, asked.segment, asked.grain, earliest.period_start as first_start, latest.starts
    from asked
    left join lateral (
        select period_start
        from observations
        where organization_id = $1
            and measure_id = asked.measure_id
            and segment = asked.segment
            and grain = asked.grain
            and ended_in is null
        order by period_start
        limit 1
    ) as earliest on true
    cross join lateral (
        select array(
            select period_start
            from observations
            where organization_id = $1
                and measure_id = asked.measure_id
                and segment = asked.segment
                and grain = asked.grain
                and ended_in is null
            order by period_start desc
            limit 2
        ) as starts
    ) as latest
),
gone as (
    delete from series
    using extent
    where series.organization_id = $1
        and series.measure_id = extent.measure_id
        and series.segment = extent.segment
        and series.grain = extent.grain
        and extent.first_start is null
)
insert into series (organization_id, measure_id, segment, grain, first_start, previous_start, last_start)
select $1, measure_id, segment, grain, first_start, starts[2], starts[1]
from extent
where first_start is not null
order by measure_id, segment, grain
on conflict (organization_id, measure_id, segment, grain) do update
set first_start = excluded.first_start, previous_start = excluded.previous_start, last_start = excluded.last_start
