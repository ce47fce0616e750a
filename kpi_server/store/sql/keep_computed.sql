-- Takes cells from the queue whose lease still holds, and appends a revision for each whose value is another now: begins the
-- batch, ends what stood, appends.
-- $1 organization, $2 batch, $3 its action, $4 its actor, $5 now, $6 lease; cells, fivewise: $7 KPIs, $8 segments, $9 grains,
-- $10 first days of periods, $11 the batches that marked them; what they are, elevenwise: $12 names of periods, $13 days after
-- their last, $14 values, $15 texts, $16 absences, $17 reasons, $18 known of $19 periods of $20 grains, $21 whether stale,
-- $22 versions of formulas, none for a cell that is only to be dropped.
-- One row (done, changed). Cells by primary key, revisions by computed_values_standing; `limit` keeps joins from being turned
-- around, so that rows are reached by their keys whatever is known of the tables, and then by their places. What ends is ended
-- before anything is appended: at any time at most one row of a cell stands.
with calculated as materialized (
    select *
    from unnest(
        $7::bigint[], $8::text[], $9::text[], $10::date[], $11::bigint[], $12::text[], $13::date[], $14::numeric[],
        $15::text[], $16::text[], $17::text[], $18::integer[], $19::integer[], $20::text[], $21::boolean[], $22::integer[]
    ) as calculated (
        kpi_id, segment, grain, period_start, marked_in, period, period_end, value, text, absence, reason, known, known_of,
        known_grain, stale, version
    )
),
leased as materialized (
    select calculated.*, cell.place
    from calculated
    cross join lateral (
        select one.ctid as place
        from dirty_cells as one
        where one.organization_id = $1
            and one.kpi_id = calculated.kpi_id
            and one.segment = calculated.segment
            and one.grain = calculated.grain
            and one.period_start = calculated.period_start
            and one.lease = $6
            and one.batch_id = calculated.marked_in
        limit 1
    ) as cell
),
done as (
    delete from dirty_cells as cell
    using leased
    where cell.ctid = leased.place and cell.organization_id = $1 and cell.lease = $6
    returning leased.*
),
fresh as materialized (
    select done.*, standing.place as standing_place
    from done
    left join lateral (
        select one.ctid as place, one.*
        from computed_values as one
        where one.organization_id = $1
            and one.kpi_id = done.kpi_id
            and one.segment = done.segment
            and one.grain = done.grain
            and one.period_start = done.period_start
            and one.ended_in is null
        limit 1
    ) as standing on true
    where done.version is not null
        and (
            standing.id is null
            or (
                standing.value, standing.text, standing.absence, standing.reason, standing.known, standing.known_of,
                standing.known_grain, standing.stale, standing.version, standing.period
            ) is distinct from (
                done.value, done.text, done.absence, done.reason, done.known, done.known_of, done.known_grain, done.stale,
                done.version, done.period
            )
        )
),
begun as (
    insert into batches (organization_id, id, action, actor, recorded_at)
    select $1, $2, $3, $4, $5
    where exists (select from fresh)
    on conflict do nothing
),
ended as (
    update computed_values as standing
    set ended_in = $2
    from fresh
    where standing.ctid = fresh.standing_place and standing.organization_id = $1
    returning 1
),
appended as (
    insert into computed_values (
        organization_id, id, kpi_id, segment, grain, period, period_start, period_end, value, text, absence, reason, known,
        known_of, known_grain, stale, version, batch_id
    )
    select
        $1, nextval('entity_ids'), kpi_id, segment, grain, period, period_start, period_end, value, text, absence, reason,
        known, known_of, known_grain, stale, version, $2
    from fresh
    where (select count(*) from ended) >= 0
)
select (select count(*) from done) as done, (select count(*) from fresh) as changed
