-- The points of any number of series: what was recorded of each period, and every figure printed of one.
-- Wanted are, sevenwise: $1 organizations, $2 KPIs, $3 segments, $4 grains (null: the finest of which something is known),
-- $5 first days and $6 days after the last (null: open), $7 how many of the latest (null: all); $8 the most that are read.
-- One row a point, and one without for a series without points; place, from 1, says of which. series by its primary key,
-- figures by kpi, observations by observations_standing between the ends in the partitions of their years alone. The ends
-- are materialized: row-level security lets an index be compared with columns, and not with what makes them of others.
with wanted as (
    select *
    from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::date[], $7::integer[])
        with ordinality
        as wanted (organization_id, kpi_id, segment, grain, from_start, to_end, latest, place)
),
grains (grain, step, fineness) as (
    values
        ('DAY', interval '1 day', 1), ('WEEK', interval '7 days', 2), ('MONTH', interval '1 month', 3),
        ('QUARTER', interval '3 months', 4), ('YEAR', interval '1 year', 5)
),
stated as not materialized (
    select
        wanted.place,
        case
            when figure.period like '%W%' then 'WEEK'
            when figure.period like '%Q%' then 'QUARTER'
            when figure.period like '%P%' or length(figure.period) = 7 then 'MONTH'
            when figure.period like 'FY%' or length(figure.period) = 4 then 'YEAR'
            else 'DAY'
        end as grain,
        figure.*
    from wanted
    join reported_figures as figure
        on figure.organization_id = wanted.organization_id
        and figure.kpi_id = wanted.kpi_id
        and figure.segment = wanted.segment
        and figure.period is not null
),
known as (
    select place, grain, min(first_start) as first_start, max(last_start) as last_start
    from (
        select wanted.place, series.grain, series.first_start, series.last_start
        from wanted
        join series
            on series.organization_id = wanted.organization_id
            and series.measure_id = wanted.kpi_id
            and series.segment = wanted.segment
        union all
        select place, grain, period_start, period_start from stated
    ) as found
    group by place, grain
),
chosen as materialized (
    select
        wanted.*,
        span.grain as known_grain,
        span.first_start,
        span.last_start,
        coalesce(wanted.to_end, (span.last_start + span.step)::date) as upper_end,
        greatest(
            wanted.from_start,
            (coalesce(wanted.to_end, span.last_start + span.step) - (least(wanted.latest, $8) + 1) * span.step)::date
        ) as lower_start
    from wanted
    cross join lateral (
        select known.grain, known.first_start, known.last_start, grains.step
        from known
        join grains on grains.grain = known.grain
        where known.place = wanted.place and (wanted.grain is null or known.grain = wanted.grain)
        order by grains.fineness
        limit 1
    ) as span
)
select
    chosen.place,
    chosen.known_grain as grain,
    chosen.first_start,
    chosen.last_start,
    organization.undated_first,
    organization.calendar,
    point.*,
    document.period as document_period,
    document.dated as document_dated,
    document.approved_on as document_approved_on,
    document.version as document_version
from chosen
join organizations as organization on organization.id = chosen.organization_id
left join lateral (
    select
        true as is_recorded, recorded.id, recorded.organization_id, recorded.period, recorded.value,
        null::numeric as low, recorded.text, null::text as absence, null::text as placement,
        recorded.position, recorded.document, recorded.line, coalesce(recorded.source, recorded.origin) as origin,
        recorded.batch_id
    from observations as recorded
    where recorded.organization_id = chosen.organization_id
        and recorded.measure_id = chosen.kpi_id
        and recorded.segment = chosen.segment
        and recorded.grain = chosen.known_grain
        and recorded.period_start >= chosen.lower_start
        and recorded.period_start < chosen.upper_end
        and recorded.ended_in is null
    union all
    select
        false, stated.id, stated.organization_id, stated.period, stated.value, stated.low, stated.text, stated.absence,
        stated.placement, stated.position, stated.document, stated.line, stated.origin, stated.batch_id
    from stated
    where stated.place = chosen.place
        and stated.grain = chosen.known_grain
        and stated.period_start >= chosen.lower_start
        and stated.period_start < chosen.upper_end
) as point on true
left join documents as document
    on document.organization_id = chosen.organization_id and document.key = point.document
