-- Takes cells from the queue whose lease still holds, and appends a revision for each whose value is another now: begins the
-- batch, ends what stood, appends, and gives the lease back.
-- $1 organization, $2 batch, $3 its action, $4 its actor, $5 now, $6 lease; lines, twowise: $7 KPIs, $8 segments; periods,
-- fourwise: $9 grains, $10 names, $11 first days, $12 days after the last; findings, eightwise: $13 texts, $14 absences,
-- $15 reasons, $16 known of $17 periods of $18 grains, $19 whether stale, $20 versions of formulas, none for a cell that is
-- only to be dropped. Cells, fivewise, each column as the text of an array, which is far quicker to send: $21 lines,
-- $22 periods and $23 findings by their places from 1, $24 the batches that marked them, $25 values.
-- One row (done, changed). Cells by primary key, revisions by computed_values_standing; `limit` keeps joins from being turned
-- around, and what ends is reached by its place. What ends is ended before anything is appended: at any time at most one row
-- of a cell stands.
with lines as (
    select line.*
    from unnest($7::bigint[], $8::text[]) with ordinality as line (kpi_id, segment, line)
    where exists (
        select from leases
        where leases.organization_id = $1 and leases.kpi_id = line.kpi_id and leases.number = $6
    )
),
periods as (
    select *
    from unnest($9::text[], $10::text[], $11::date[], $12::date[]) with ordinality
        as period (grain, period, period_start, period_end, place)
),
findings as (
    select *
    from unnest(
        $13::text[], $14::text[], $15::text[], $16::integer[], $17::integer[], $18::text[], $19::boolean[], $20::integer[]
    ) with ordinality
        as finding (text, absence, reason, known, known_of, known_grain, stale, version, finding)
),
done as materialized (
    select lines.*, periods.*, findings.*, trim_scale(calculated.value) as value, cell.place as cell_place
    from unnest($21::text::integer[], $22::text::integer[], $23::text::integer[], $24::text::bigint[], $25::text::numeric[])
        as calculated (line, period, finding, marked_in, value)
    join lines on lines.line = calculated.line
    join periods on periods.place = calculated.period
    join findings on findings.finding = calculated.finding
    cross join lateral (
        select one.ctid as place
        from dirty_cells as one
        where one.organization_id = $1
            and one.kpi_id = lines.kpi_id
            and one.segment = lines.segment
            and one.grain = periods.grain
            and one.period_start = periods.period_start
            and one.batch_id = calculated.marked_in
        limit 1
    ) as cell
),
taken as (
    delete from dirty_cells
    where organization_id = $1 and ctid = any (array(select cell_place from done))
),
given_back as (
    delete from leases
    where organization_id = $1 and kpi_id = any ($7) and number = $6
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
    update computed_values
    set ended_in = $2
    where organization_id = $1 and ctid = any (array(select standing_place from fresh where standing_place is not null))
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
