-- What a hand-written service does with the values that a system sends, in one call to Postgres. It records those that
-- are new or other than what the source stated last, under a batch that says who wrote them when, and brings kpi_current
-- of their KPIs up to date; what they take the place of is ended. Unknown KPIs refuse the call. It numbers no writes, keeps no audit and no table of series.
create type bench.receipt as (recorded integer, corrected integer, unchanged integer);

create function bench.record(slug text, sender text, keys text[], days date[], amounts numeric[], words text[])
returns bench.receipt language plpgsql as $$
declare
    tenant constant bigint := (select id from organizations where organizations.slug = record.slug);
    batch constant bigint := nextval('entity_ids');
    receipt bench.receipt;
    known integer;
begin
    -- Of two calls at once that correct one cell, the second has to see what the first wrote: otherwise both end the same
    -- value, and the second cannot be written.
    perform pg_advisory_xact_lock(tenant);
    with sent as (
        select kpi.id as kpi_id, kpi.key, given.day, given.amount, given.words, given.place
        from unnest(keys, days, amounts, words) with ordinality as given (key, day, amount, words, place)
        join kpis as kpi on kpi.organization_id = tenant and kpi.key = given.key
    ),
    compared as (
        select sent.*, stated.text is not null as is_known,
            stated.value is not distinct from sent.amount and stated.text is not distinct from sent.words as is_same
        from sent
        left join lateral (
            select entry.value, entry.text from observations as entry
            where entry.organization_id = tenant and entry.measure_id = sent.kpi_id and entry.segment = ''
                and entry.grain = 'DAY' and entry.period_start = sent.day and entry.ended_in is null
                and entry.source = sender
        ) as stated on true
    ),
    begun as (
        insert into batches (organization_id, id, recorded_at, action, actor)
        select tenant, batch, now(), 'record', 'hand-written'
        where exists (select from compared where not is_same)
    ),
    ended as (
        update observations as entry set ended_in = batch
        from compared
        where not is_same and entry.organization_id = tenant and entry.measure_id = compared.kpi_id
            and entry.segment = '' and entry.grain = 'DAY' and entry.period_start = compared.day
            and entry.ended_in is null
        returning 1
    ),
    written as (
        insert into observations (organization_id, period_start, id, measure_id, segment, grain, period, period_end,
            value, text, position, origin, batch_id, source)
        select tenant, day, nextval('entity_ids'), kpi_id, '', 'DAY', to_char(day, 'YYYY-MM-DD'), day + 1, amount,
            compared.words, place - 1, 'API', batch, sender
        from compared where not is_same and (select count(*) from ended) >= 0 order by place
    )
    select count(*), count(*) filter (where not is_known), count(*) filter (where is_known and not is_same),
        count(*) filter (where is_same)
    into known, receipt.recorded, receipt.corrected, receipt.unchanged
    from compared;
    if known < cardinality(keys) then
        raise exception 'unknown KPIs' using errcode = 'no_data_found';
    end if;
    perform bench.stand(tenant, batch, sender);
    return receipt;
end
$$;

-- What stood before and what a batch brought, by KPI: the newest is current, the one before it previous.
create function bench.stand(tenant bigint, batch bigint, sender text) returns void language plpgsql as $$
begin
    perform from kpi_current as standing
    where standing.organization_id = tenant and standing.segment = '' and standing.kpi_id in (
        select entry.measure_id from observations as entry where entry.organization_id = tenant and entry.batch_id = batch
    )
    order by standing.kpi_id for update;
    with brought as (
        select entry.measure_id as kpi_id, entry.period, entry.value, entry.text from observations as entry
        where entry.organization_id = tenant and entry.batch_id = batch
    ),
    candidates as (
        select kpi_id, period, value, text, null::bigint as figure_id, null::varchar as document, null::int as line,
            sender as origin, batch as batch_id, 1 as age
        from brought
        union all
        select standing.kpi_id, stood.*, 2
        from kpi_current as standing
        cross join lateral (values
            (standing.period, standing.value, standing.text, standing.figure_id, standing.document, standing.line,
                standing.origin, standing.batch_id),
            (standing.previous_period, standing.previous_value, standing.previous_text, standing.previous_figure_id,
                standing.previous_document, standing.previous_line, standing.previous_origin,
                standing.previous_batch_id)
        ) as stood (period, value, text, figure_id, document, line, origin, batch_id)
        where standing.organization_id = tenant and standing.segment = '' and stood.period is not null
            and standing.kpi_id in (select kpi_id from brought)
    ),
    ordered as (
        select one.*, row_number() over (partition by kpi_id order by period desc) as rank
        from (select distinct on (kpi_id, period) * from candidates order by kpi_id, period desc, age) as one
    )
    update kpi_current as standing
    set figure_id = latest.figure_id, period = latest.period, value = latest.value, text = latest.text,
        document = latest.document, line = latest.line, origin = latest.origin, batch_id = latest.batch_id,
        previous_figure_id = earlier.figure_id, previous_period = earlier.period, previous_value = earlier.value,
        previous_text = earlier.text, previous_document = earlier.document, previous_line = earlier.line,
        previous_origin = earlier.origin, previous_batch_id = earlier.batch_id,
        attainment = attained.ratio, share_of_target = latest.value / nullif(standing.target_value, 0),
        status = bench.status(standing.target_value, latest.value, attained.ratio)
    from ordered as latest
    left join ordered as earlier on earlier.kpi_id = latest.kpi_id and earlier.rank = 2
    left join targets as target on target.organization_id = tenant and target.kpi_id = latest.kpi_id
        and target.segment = ''
    cross join lateral (select bench.attainment(target.operator, latest.value, target.value) as ratio) as attained
    where latest.rank = 1 and standing.organization_id = tenant and standing.kpi_id = latest.kpi_id
        and standing.segment = '';
end
$$;

-- The same for callers whose language sends JSON.
create function bench.record_observations(organization text, source text, observations jsonb) returns bench.receipt
language sql volatile as $$
    select bench.record(organization, source, array_agg(sent.kpi), array_agg(sent.period), array_agg(sent.value),
        array_agg(sent.text))
    from jsonb_to_recordset(observations) as sent (kpi text, period date, value numeric, text text)
$$;

-- PostGraphile would show these as mutations too.
comment on function bench.record is E'@behavior -*';
comment on function bench.stand is E'@behavior -*';
