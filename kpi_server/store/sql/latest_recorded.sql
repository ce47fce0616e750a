-- The two latest observations of each of the `series` before this: what is recorded of its last period and of the one before.
-- A joined piece of facts and lint_recorded. By observations_standing in the one partition of each period: `limit` keeps the
-- join from reading a series in every partition.
cross join lateral unnest(array[series.last_start, series.previous_start]) as latest (start)
cross join lateral (
    select *
    from observations as one
    where one.organization_id = series.organization_id
        and one.measure_id = series.measure_id
        and one.segment = series.segment
        and one.grain = series.grain
        and one.period_start = latest.start
        and one.ended_in is null
    limit 1
) as recorded
