-- What comes next in an organization's feed: the rows that its writes touched, read from the rows that carry them.
-- $1 organization; the position behind which it begins: $2 sequence, $3 part and $4 place, which count in the write of that
-- number alone; $5 how many rows are looked at and $6 how many are told at most. {{wanted}} and {{where}} are nothing, or
-- feed_wanted with the condition that it is used by.
-- Rows in order. The first has the `ground` as JSON: the organization's `last` number, the `epoch`, when the first write behind
-- the position was recorded (`missed_at`), how many `writes` were looked into at most and the last of them (`last_behind`),
-- how many rows were `looked` at and where the last of them is (`final`); where nothing is told it has no sequence.
-- Writes by batches_by_sequence, and the rows of each from their place on: by the primary keys of changes and
-- observations, and computed_values_in_batch. What stood before by observations_ended and the primary key of
-- computed_values; of what was taken back and not replaced, changes keep what
-- it was. Only as many writes are looked into as it takes.
with behind as materialized (
    select batch.sequence, batch.id, batch.recorded_at, batch.action
    from batches as batch
    where batch.organization_id = $1 and batch.sequence >= $2
    order by batch.sequence
    limit $5
),
looked as materialized (
    select behind.sequence, behind.id as batch_id, behind.recorded_at, behind.action, event.*
    from behind
    cross join lateral (
        select
            case when behind.sequence > $2 or $3 < 0 then -1 when $3 > 0 then 2147483647 else $4::bigint end as rows_from,
            case
                when behind.sequence > $2 or $3 < 1 then -1 when $3 > 1 then 9223372036854775807 else $4::bigint
            end as values_from,
            case
                when behind.sequence > $2 or $3 < 2 then -1 when $3 > 2 then 9223372036854775807 else $4::bigint
            end as calculated_from
    ) as place
    cross join lateral (
        (
            select
                0 as part, change.index::bigint as place, change.entity::text as entity, change.entity_id,
                change.operation::text as operation, change.kpi_id as measure_id, said.content ->> 'segment' as segment,
                null::text as grain, said.content ->> 'period' as period, null::date as period_start,
                (said.content ->> 'value')::numeric as value, said.content ->> 'text' as text, null::text as absence,
                said.content ->> 'document' as document, (said.content ->> 'line')::integer as line,
                coalesce(said.content ->> 'source', said.content ->> 'origin') as sender,
                case when change.entity = 'kpi_current' then change.before ->> 'status' end as old_status,
                said.content ->> 'status' as new_status
            from changes as change
            cross join lateral (
                select case when change.entity = 'observations' then change.before else change.after end as content
            ) as said
            where change.organization_id = $1
                and change.batch_id = behind.id
                and change.index > place.rows_from
                and (change.entity <> 'observations' or change.operation = 'DELETE')
                and (change.entity <> 'kpi_current' or change.after is not null)
            order by change.index
            limit $5
        )
        union all
        (
            select
                1, stated.id, null, null, 'INSERT', stated.measure_id, stated.segment, stated.grain, stated.period,
                stated.period_start, stated.value, stated.text, null, stated.document, stated.line,
                coalesce(stated.source, stated.origin), null, null
            from observations as stated
            where stated.organization_id = $1
                and stated.batch_id = behind.id
                and stated.id > place.values_from
                and stated.ended_in is distinct from stated.batch_id
            order by stated.id
            limit $5
        )
        union all
        (
            select
                2, revision.id, null, null, 'INSERT', revision.kpi_id, revision.segment, revision.grain, revision.period,
                revision.period_start, revision.value, revision.text, revision.absence, null, null, null, null, null
            from computed_values as revision
            where revision.organization_id = $1
                and revision.batch_id = behind.id
                and revision.id > place.calculated_from
            order by revision.id
            limit $5
        )
    ) as event
    order by behind.sequence, event.part, event.place
    limit $5
){wanted},
told as (
    select
        looked.*, measure.key, stood.value as old_value, stood.text as old_text, stood.is_there,
        row_number() over (order by looked.sequence, looked.part, looked.place) as number
    from looked
    left join measures as measure on measure.organization_id = $1 and measure.id = looked.measure_id
    left join lateral (
        (
            select standing.value, standing.text, true as is_there
            from observations as standing
            where looked.part = 1
                and standing.organization_id = $1
                and standing.measure_id = looked.measure_id
                and standing.segment = looked.segment
                and standing.grain = looked.grain
                and standing.period_start = looked.period_start
                and standing.ended_in is not null
                and standing.id < looked.place
                and standing.ended_in = looked.batch_id
                and standing.batch_id <> looked.batch_id
            order by standing.id desc
            limit 1
        )
        union all
        (
            select standing.value, standing.text, true
            from computed_values as standing
            where looked.part = 2
                and standing.organization_id = $1
                and standing.kpi_id = looked.measure_id
                and standing.segment = looked.segment
                and standing.grain = looked.grain
                and standing.period_start = looked.period_start
                and standing.id < looked.place
                and standing.ended_in = looked.batch_id
            order by standing.id desc
            limit 1
        )
    ) as stood on true
    {where}
    order by looked.sequence, looked.part, looked.place
    limit $6
)
select
    told.sequence, told.part, told.place, told.batch_id, told.recorded_at, told.action, told.entity, told.entity_id,
    told.operation, told.measure_id, told.key, told.segment, told.period, told.value, told.text, told.absence,
    told.document, told.line, told.sender, told.old_value, told.old_text, told.is_there, told.old_status, told.new_status,
    case when told.number is null or told.number = 1 then to_jsonb(ground) end as ground
from (
    select
        numbers.last,
        epochs.epoch,
        (select recorded_at from behind order by sequence limit 1) as missed_at,
        (select count(*) from behind) as writes,
        (select max(sequence) from behind) as last_behind,
        (select count(*) from looked) as looked,
        array(
            select unnest(array[sequence, part, place]) from (
                select * from looked order by sequence desc, part desc, place desc limit 1
            ) as final
        ) as final
    from sequences as numbers
    cross join feed_epochs as epochs
    where numbers.organization_id = $1
) as ground
left join told on true
order by told.sequence, told.part, told.place
