-- Brings kpi_current of judged KPIs to what was decided, touching only what differs, and keeps what was before, and what
-- a status became.
-- $1 organization, $2 batch, $3 the KPIs, $4 their rows as JSON, $5 the number of the first change. One row: how many
-- changes there were. Primary key of kpi_current.
with after as materialized (
    select * from jsonb_populate_recordset(null::kpi_current, $4::text::jsonb)
),
before as materialized (
    select * from kpi_current where organization_id = $1 and kpi_id = any ($3::bigint[])
),
differing as (
    select
        kpi_id,
        segment,
        case when before.status is null then 'INSERT' when after.status is null then 'DELETE' else 'UPDATE' end as operation,
        case when before.status is not null then to_jsonb(before) end as content,
        case
            when after.status is distinct from before.status
                then jsonb_build_object('segment', segment, 'status', after.status)
        end as became
    from after
    full join before using (kpi_id, segment)
    where (after.*) is distinct from (before.*)
),
gone as (
    delete from kpi_current as standing
    using differing
    where standing.organization_id = $1
        and standing.kpi_id = differing.kpi_id
        and standing.segment = differing.segment
        and differing.operation = 'DELETE'
),
put as (
    insert into kpi_current
    select after.*
    from after
    join differing using (kpi_id, segment)
    order by after.kpi_id, after.segment
    on conflict (organization_id, kpi_id, segment) do update
    set
        figure_id = excluded.figure_id,
        previous_figure_id = excluded.previous_figure_id,
        target_id = excluded.target_id,
        value = excluded.value,
        text = excluded.text,
        period = excluded.period,
        previous_value = excluded.previous_value,
        previous_text = excluded.previous_text,
        previous_period = excluded.previous_period,
        target_value = excluded.target_value,
        target_text = excluded.target_text,
        attainment = excluded.attainment,
        attainment_flag = excluded.attainment_flag,
        share_of_target = excluded.share_of_target,
        status = excluded.status,
        due_on = excluded.due_on,
        document = excluded.document,
        line = excluded.line,
        origin = excluded.origin,
        batch_id = excluded.batch_id,
        previous_document = excluded.previous_document,
        previous_line = excluded.previous_line,
        previous_origin = excluded.previous_origin,
        previous_batch_id = excluded.previous_batch_id
),
noted as (
    insert into changes (organization_id, batch_id, index, entity, entity_id, operation, before, kpi_id, after)
    select
        $1, $2, $5 + row_number() over (order by kpi_id, segment) - 1, 'kpi_current', kpi_id, operation, content, kpi_id,
        became
    from differing
    returning 1
)
select count(*) from noted
