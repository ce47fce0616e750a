-- What was staged, as record_observations takes it. A piece of that statement. `place` is the order by cell: days are fewer
-- than 2 to the power of 22. Series, which are few beside their values, tell of which cells nothing can stand; they are
-- read by primary key.
select
    line.measure_id, line.segment, line.grain, period.period, period.period_start, period.period_end,
    staged.value, staged.text, staged.currency, staged.sketch_places, staged.sketch_amounts, staged.position,
    (line.rank << 22) + (period.period_start - date '0001-01-01') as place,
    line.first_start is not null and period.period_start between line.first_start and line.last_start as may_stand
from staged
join (
    select
        one.number, measure.id as measure_id, one.segment, one.grain, known.first_start, known.last_start,
        dense_rank() over (order by measure.id, one.segment, one.grain) as rank
    from staged_series as one
    join measures as measure on measure.organization_id = $1 and measure.key = one.measure
    left join lateral (
        select *
        from series
        where series.organization_id = $1
            and series.measure_id = measure.id
            and series.segment = one.segment
            and series.grain = one.grain
        limit 1
    ) as known on true
) as line on line.number = staged.series
join staged_periods as period on period.number = staged.period
