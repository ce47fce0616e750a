-- The sketches of what rollup keeps of each cell, merged; joined to its last select. Every part is looked up by its key.
-- {{standing}} says which `observation` counts; {{merged}} is merged_sketches of `sketched`.
left join (
    with parts as materialized (
        select kept.*, part.segment
        from kept
        cross join unnest(kept.segments) as part (segment)
        where kept.over_time in ('DISTINCT', 'HISTOGRAM') and kept.absence is null
    ),
    sketched as (
        select part.place as cell, part.over_time as kind, held.sketch_places as places, held.sketch_amounts as amounts
        from parts as part
        cross join lateral (
            select observation.sketch_places, observation.sketch_amounts
            from observations as observation
            where observation.organization_id = $1
                and observation.measure_id = part.measure_id
                and observation.segment = part.segment
                and observation.grain = part.grain
                and observation.period_start = part.period_start
                and observation.period_start >= $2
                and observation.period_start < $3
                and {standing}
            limit 1
        ) as held
    )
    {merged}
) as merged on merged.cell = place
