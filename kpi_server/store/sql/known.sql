-- Whether an observation stood for its cell as of a number of its organization. Both ways to be are reached by an index.
-- A condition; {{row}} is the observation, {{number}} the number, $1 the organization. batches by batches_by_sequence, once.
{row}.batch_id in (select id from batches where organization_id = $1 and sequence <= {number}::bigint)
and (
    {row}.ended_in is null
    or (
        {row}.ended_in is not null
        and {row}.ended_in not in (
            select id from batches where organization_id = $1 and sequence <= {number}::bigint
        )
    )
)
