-- Takes out of the staged rows those whose external id means another value, in the file or before it.
-- $1 organization, $2 source, $3 how many are told. Rows (position, external_id, count) as in staged_repetitions.
-- external_ids by its primary key.
with repeated as (
    delete from staged
    using (
        select
            staged.ctid,
            row_number() over (partition by staged.external_id order by staged.position) as number,
            (measure.key, known.segment, known.period) <> (line.measure, line.segment, period.period) as is_another
        from staged
        join staged_series as line on line.number = staged.series
        join staged_periods as period on period.number = staged.period
        left join external_ids as known
            on known.organization_id = $1 and known.source = $2 and known.external_id = staged.external_id
        left join measures as measure on measure.organization_id = $1 and measure.id = known.measure_id
        where staged.external_id is not null
    ) as found
    where staged.ctid = found.ctid and (found.number > 1 or found.is_another)
    returning staged.position, staged.external_id
)
select position, external_id, count(*) over () as count
from repeated
order by position
limit $3
