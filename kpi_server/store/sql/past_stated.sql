-- Whether a `stated` row is of a `cell` of past_series and stood at the number: a condition, whose setting kpi.as_of is the
-- number. {{now}} is whether it stands today. batches by their primary key.
stated.organization_id = cell.organization_id
and stated.measure_id = cell.measure_id
and stated.segment = cell.segment
and stated.grain = cell.grain
and stated.ended_in is {now}
and exists (
    select
    from public.batches as begun
    where begun.organization_id = stated.organization_id
        and begun.id = stated.batch_id
        and begun.sequence <= current_setting('kpi.as_of')::bigint
)
and not exists (
    select
    from public.batches as ended
    where ended.organization_id = stated.organization_id
        and ended.id = stated.ended_in
        and ended.sequence <= current_setting('kpi.as_of')::bigint
)
