-- The sketches of what rollup keeps of each cell, merged; joined to its last select. Every part is looked up by its key.
-- {{held}} is rollup_held; {{merged}} is merged_sketches of `sketched`.
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
            {held}
        ) as held
    )
    {merged}
) as merged on merged.cell = place
