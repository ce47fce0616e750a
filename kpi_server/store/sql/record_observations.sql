-- Records what is new of what a source states, whatever its number, in the order in which it was sent: begins the batch,
-- ends what is to stand no longer, appends, and extends the series.
-- What is stated, `sent`, is sent_in_call or sent_in_file, and appended in the `order` that is given. $1 organization, $2
-- batch, $3 its action, $4 its actor, $5 now; $6 source, $7 the origin of the rows. Of two sources the one stands that the
-- organization's precedence names first; of two that rank alike, as all do that it does not name, the later statement.
-- One row (recorded, corrected, touched): how many are new, how many take the place of another value of the source, and
-- the measures of which a latest value may be another now.
-- Cells by observations_standing, and by observations_ended where another source's statement stands, in the one partition
-- of each period; series by primary key. At any time at most one row of a cell stands, so all that end are ended (and
-- counted) before anything is appended. Whatever is known of the tables, rows are reached by their keys: `limit` keeps
-- joins from being turned around; a span of one day in order is what only the index by cell gives, where in a partition
-- that is believed to be empty any other seems as good; what ends is found by conflict, which updates it and inserts
-- nothing. Of a cell that is sent as one in which nothing may stand nothing is looked up.
with sent as materialized (
    {sent}
),
precedence as materialized (
    select source_precedence as sources from organizations where id = $1
),
fresh as (
    select
        sent.*,
        standing.id as standing_id,
        standing.batch_id as standing_batch,
        stated.value is not null as is_known,
        standing.id is null or coalesce(array_position(precedence.sources, $6), 2147483647)
            <= coalesce(array_position(precedence.sources, coalesce(standing.source, standing.origin)::text), 2147483647)
            as stands
    from (select * from sent where may_stand) as sent
    cross join precedence
    left join lateral (
        select *
        from observations as one
        where one.organization_id = $1
            and one.measure_id = sent.measure_id
            and one.segment = sent.segment
            and one.grain = sent.grain
            and one.period_start between sent.period_start and sent.period_start
            and one.ended_in is null
        order by one.period_start
        limit 1
    ) as standing on true
    left join lateral (
        select standing.value, standing.text, standing.currency, standing.sketch_places, standing.sketch_amounts
        where standing.source = $6
        union all
        (
            select before.value, before.text, before.currency, before.sketch_places, before.sketch_amounts
            from observations as before
            where standing.id is not null
                and standing.source is distinct from $6
                and before.organization_id = $1
                and before.measure_id = sent.measure_id
                and before.segment = sent.segment
                and before.grain = sent.grain
                and before.period_start = sent.period_start
                and before.ended_in is not null
                and before.source = $6
                and not before.withdrawn
            order by before.id desc
            limit 1
        )
    ) as stated on true
    where (stated.value, stated.text, stated.currency, stated.sketch_places, stated.sketch_amounts)
        is distinct from (sent.value, sent.text, sent.currency, sent.sketch_places, sent.sketch_amounts)
    union all
    select sent.*, null, null, false, true
    from sent
    where not may_stand
),
begun as (
    insert into batches (organization_id, id, action, actor, recorded_at)
    select $1, $2, $3, $4, $5
    where exists (select from fresh)
    on conflict do nothing
),
ended as (
    insert into observations (
        organization_id, period_start, id, measure_id, segment, grain, period, period_end, value, text, position, origin,
        batch_id
    )
    select
        $1, period_start, standing_id, measure_id, segment, grain, period, period_end, value, text, position, $7,
        standing_batch
    from fresh
    where stands and standing_id is not null
    on conflict (organization_id, batch_id, id, period_start) do update
    set ended_in = $2
    returning 1
),
appended as (
    insert into observations (
        organization_id, period_start, id, measure_id, segment, grain, period, period_end, value, text, currency,
        sketch_places, sketch_amounts, position, origin, batch_id, source, ended_in
    )
    select
        $1, period_start, nextval('entity_ids'), measure_id, segment, grain, period, period_end, value, text, currency,
        sketch_places, sketch_amounts, position, $7::text, $2, $6, case when not stands then $2 end
    from fresh
    where (select count(*) from ended) >= 0
    order by {order}
),
spans as (
    select measure_id, segment, grain, min(period_start) as first_start, max(period_start) as last_start
    from fresh
    where stands
    group by measure_id, segment, grain
),
previous as (
    select measure_id, segment, grain, max(period_start) as previous_start
    from fresh
    where stands
        and not exists (
            select
            from spans
            where spans.measure_id = fresh.measure_id
                and spans.segment = fresh.segment
                and spans.grain = fresh.grain
                and spans.last_start = fresh.period_start
        )
    group by measure_id, segment, grain
),
recorded as (
    select measure_id, segment, grain, first_start, previous_start, last_start
    from spans
    left join previous using (measure_id, segment, grain)
),
extent as (
    select
        recorded.measure_id, recorded.segment, recorded.grain,
        known.measure_id is null or known.previous_start is null or recorded.last_start >= known.previous_start
            as is_latest,
        (known.first_start, known.previous_start, known.last_start) as before,
        least(known.first_start, recorded.first_start) as first_start,
        case
            when known.last_start is null or known.last_start = recorded.last_start
                then greatest(known.previous_start, recorded.previous_start)
            else greatest(
                least(known.last_start, recorded.last_start), known.previous_start, recorded.previous_start
            )
        end as previous_start,
        greatest(known.last_start, recorded.last_start) as last_start
    from recorded
    left join lateral (
        select *
        from series as one
        where one.organization_id = $1
            and one.measure_id = recorded.measure_id
            and one.segment = recorded.segment
            and one.grain = recorded.grain
        limit 1
    ) as known on true
),
extended as (
    insert into series (organization_id, measure_id, segment, grain, first_start, previous_start, last_start)
    select $1, measure_id, segment, grain, first_start, previous_start, last_start
    from extent
    where before is distinct from (first_start, previous_start, last_start)
    order by measure_id, segment, grain
    on conflict (organization_id, measure_id, segment, grain) do update
    set first_start = excluded.first_start, previous_start = excluded.previous_start, last_start = excluded.last_start
)
select
    (select count(*) from fresh where not is_known) as recorded,
    (select count(*) from fresh where is_known) as corrected,
    array(select distinct measure_id from extent where is_latest) as touched
