-- A number of an organization, by itself or as the last that was recorded up to a time, and when it was recorded.
-- $1 organization, $2 the number or null, $3 the time or null. One row: sequence (null where there is none), recorded_at,
-- and the last number. batches_by_sequence.
select batch.sequence, batch.recorded_at, sequence.last
from sequences as sequence
left join lateral (
    select found.sequence, found.recorded_at
    from batches as found
    where found.organization_id = sequence.organization_id
        and found.sequence = coalesce(
            $2::bigint,
            (
                select max(earlier.sequence)
                from batches as earlier
                where earlier.organization_id = sequence.organization_id and earlier.recorded_at <= $3::timestamptz
            )
        )
) as batch on true
where sequence.organization_id = $1
