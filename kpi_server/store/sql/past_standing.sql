-- The rows that stood at a number of their organization, as standing ones. A view of the schema `past`; {{table}} is a table
-- of which rows end, {{columns}} are its columns but for ended_in. The setting kpi.as_of is the number. Both indexes by cell.
select {columns}, null::bigint as ended_in
from public.{table} as stated
where stated.batch_id in (
        select batch.id from public.batches as batch where batch.sequence <= current_setting('kpi.as_of')::bigint
    )
    and (
        stated.ended_in is null
        or (
            stated.ended_in is not null
            and stated.ended_in not in (
                select batch.id from public.batches as batch where batch.sequence <= current_setting('kpi.as_of')::bigint
            )
        )
    )
