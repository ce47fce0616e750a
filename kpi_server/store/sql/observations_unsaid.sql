-- What a source stated of measures and no longer says. $1 organization, $2 source, $3 measures; $4 the grain and $5 the first
-- days of the periods it speaks of now, null for all; $6 measures, $7 segments and $8 first days of the cells that it still
-- states, threewise. One row a cell, as settling takes it. The measures' observations by observations_standing and
-- observations_ended.
select distinct stated.measure_id, stated.segment, stated.grain, stated.period_start, stated.source, stated.document
from observations as stated
where stated.organization_id = $1
    and stated.measure_id = any ($3::bigint[])
    and stated.source = $2
    and not stated.withdrawn
    and ($5::date[] is null or (stated.grain = $4 and stated.period_start = any ($5::date[])))
    and not exists (
        select
        from unnest($6::bigint[], $7::text[], $8::date[]) as said (measure_id, segment, period_start)
        where said.measure_id = stated.measure_id
            and said.segment = stated.segment
            and said.period_start = stated.period_start
            and stated.grain = $4
    )
