-- What was staged, as record_observations takes it. A piece of that statement.
select
    measure.id as measure_id, staged.segment, staged.grain, staged.period, staged.period_start, staged.period_end,
    staged.value, staged.text, staged.currency, staged.sketch_places, staged.sketch_amounts, staged.position
from staged
join measures as measure on measure.organization_id = $1 and measure.key = staged.measure
