-- Makes of what is stated about given cells the one that should stand stand: of what each source stated last and has not
-- withdrawn, that of the source that the organization's precedence names first, else the latest. What stood before is ended;
-- an older statement stands again as a copy of this batch.
-- $1 organization, $2 batch; $3 measures, $4 segments, $5 grains and $6 first days of periods, fourwise; $7 the number of the
-- first change. One row: how many changes there were, one for each cell in which nothing stands any more: no row of this
-- batch tells of those. Every row of a cell by observations_standing and observations_ended, in the one partition of its
-- period.
with cell as (
    select distinct *
    from unnest($3::bigint[], $4::text[], $5::text[], $6::date[]) as cell (measure_id, segment, grain, period_start)
),
stated as (
    select observation.*
    from cell
    cross join lateral (
        select *
        from observations
        where organization_id = $1
            and measure_id = cell.measure_id
            and segment = cell.segment
            and grain = cell.grain
            and period_start = cell.period_start
            and ended_in is null
        union all
        select *
        from observations
        where organization_id = $1
            and measure_id = cell.measure_id
            and segment = cell.segment
            and grain = cell.grain
            and period_start = cell.period_start
            and ended_in is not null
    ) as observation
),
best as (
    select distinct on (measure_id, segment, grain, period_start) stated.*
    from stated
    cross join (select source_precedence as sources from organizations where id = $1) as precedence
    where not withdrawn
    order by
        measure_id, segment, grain, period_start,
        array_position(precedence.sources, coalesce(source, origin)::text) nulls last,
        stated.id desc
),
ended as (
    update observations as standing
    set ended_in = $2
    from stated
    where standing.organization_id = $1
        and standing.batch_id = stated.batch_id
        and standing.id = stated.id
        and standing.period_start = stated.period_start
        and stated.ended_in is null
        and not exists (select from best where best.period_start = stated.period_start and best.id = stated.id)
    returning standing.*
),
noted as (
    insert into changes (organization_id, batch_id, index, entity, entity_id, operation, before, kpi_id)
    select
        $1, $2, $7::integer + row_number() over (order by ended.id) - 1, 'observations', ended.id, 'DELETE',
        jsonb_build_object(
            'segment', ended.segment, 'period', ended.period, 'value', ended.value, 'text', ended.text,
            'document', ended.document, 'line', ended.line, 'source', ended.source, 'origin', ended.origin
        ),
        ended.measure_id
    from ended
    where ended.batch_id <> $2
        and not exists (
            select
            from best
            where best.measure_id = ended.measure_id
                and best.segment = ended.segment
                and best.grain = ended.grain
                and best.period_start = ended.period_start
        )
    returning 1
),
raised as (
    update observations as fresh
    set ended_in = null
    from best
    where fresh.organization_id = $1
        and fresh.batch_id = $2
        and fresh.id = best.id
        and fresh.period_start = best.period_start
        and best.batch_id = $2
        and best.ended_in is not null
        and (select count(*) from ended) >= 0
    returning 1
),
restored as (
    insert into observations (
        organization_id, period_start, id, measure_id, segment, grain, period, period_end, value, text, key, position, document,
        line, origin, batch_id, source, currency, sketch_places, sketch_amounts
    )
    select
        organization_id, period_start, nextval('entity_ids'), measure_id, segment, grain, period, period_end, value, text, key,
        position, document, line, origin, $2, source, currency, sketch_places, sketch_amounts
    from best
    where batch_id <> $2 and ended_in is not null and (select count(*) from raised) >= 0 and (select count(*) from ended) >= 0
)
select count(*) from noted
