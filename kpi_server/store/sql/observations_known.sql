-- What a source stated last of given cells.
-- $1 organization, $2 source; $3 measures, $4 segments, $5 grains and $6 first days of periods, fourwise.
-- Rows (place, value, text), place from 1; one row a cell that the source has stated, so none of a batch that is all new.
-- What stands is the last of its source; what another source's stands before is looked up among what ended. In the one
-- partition of each period.
select
    wanted.place,
    known.value,
    known.text
from unnest($3::bigint[], $4::text[], $5::text[], $6::date[]) with ordinality
    as wanted (measure_id, segment, grain, period_start, place)
cross join lateral (
    (
        select value, text
        from observations
        where organization_id = $1
            and measure_id = wanted.measure_id
            and segment = wanted.segment
            and grain = wanted.grain
            and period_start = wanted.period_start
            and ended_in is null
            and source = $2
    )
    union all
    (
        select value, text
        from observations
        where organization_id = $1
            and measure_id = wanted.measure_id
            and segment = wanted.segment
            and grain = wanted.grain
            and period_start = wanted.period_start
            and ended_in is not null
            and source = $2
            and not withdrawn
        order by id desc
        limit 1
    )
    limit 1
) as known
