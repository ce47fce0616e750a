-- Takes cells from the queue whose lease still holds, and appends a revision for each whose value is another now: begins the
-- batch, ends what stood, appends, and gives the lease back.
-- $1 organization, $2 batch, $3 its action, $4 its actor, $5 now, $6 lease; lines, fivewise: $7 KPIs, $8 segments, $9 grains,
-- $10 first and $11 last first days of their periods; periods, threewise: $12 names, $13 first days, $14 days after the last;
-- findings, eightwise: $15 texts, $16 absences, $17 reasons, $18 known of $19 periods of $20 grains, $21 whether stale,
-- $22 versions of formulas, none for a cell that is only to be dropped. Cells, fivewise, each column as the text of an array,
-- which is far quicker to send: $23 lines, $24 periods and $25 findings by their places from 1, $26 the batches that marked
-- them, $27 values.
-- One row (done, changed). Each line is read once from its first period to its last: what is marked by the primary key of
-- dirty_cells, what stands by computed_values_standing (`offset` keeps both from being joined another way), and what is
-- removed and ends is reached by its place. What ends is ended before anything is appended: at any time at most one row of a
-- cell stands. Rows are appended in the order of the index. What many cells have in common is joined to them only then. What
-- stands is text where it is varchar: records of other types cannot be compared.
with lines as (
    select line.*
    from unnest($7::bigint[], $8::text[], $9::text[], $10::date[], $11::date[]) with ordinality
        as line (kpi_id, segment, grain, first_start, last_start, line)
    where exists (
        select from leases
        where leases.organization_id = $1 and leases.kpi_id = line.kpi_id and leases.number = $6
    )
),
periods as (
    select *
    from unnest($12::text[], $13::date[], $14::date[]) with ordinality as period (period, period_start, period_end, period_place)
),
findings as (
    select *
    from unnest(
        $15::text[], $16::text[], $17::text[], $18::integer[], $19::integer[], $20::text[], $21::boolean[], $22::integer[]
    ) with ordinality
        as finding (text, absence, reason, known, known_of, known_grain, stale, version, finding)
),
marked as materialized (
    select lines.line, cell.*
    from lines
    cross join lateral (
        select one.period_start, one.batch_id as marked_in, one.ctid as cell_place
        from dirty_cells as one
        where one.organization_id = $1
            and one.kpi_id = lines.kpi_id
            and one.segment = lines.segment
            and one.grain = lines.grain
            and one.period_start between lines.first_start and lines.last_start
        offset 0
    ) as cell
),
standing as materialized (
    select lines.line, revision.*
    from lines
    cross join lateral (
        select
            one.ctid as standing_place, one.period_start,
            row (
                one.period::text, one.value, one.text::text, one.absence::text, one.reason::text, one.known, one.known_of,
                one.known_grain::text, one.stale, one.version
            ) as said
        from computed_values as one
        where one.organization_id = $1
            and one.kpi_id = lines.kpi_id
            and one.segment = lines.segment
            and one.grain = lines.grain
            and one.period_start between lines.first_start and lines.last_start
            and one.ended_in is null
        offset 0
    ) as revision
),
done as materialized (
    select
        calculated.line, calculated.period_place, calculated.finding, calculated.value, marked.cell_place,
        standing.standing_place,
        findings.version is not null
        and standing.said is distinct from row (
            periods.period, trim_scale(calculated.value), findings.text, findings.absence, findings.reason, findings.known,
            findings.known_of, findings.known_grain, findings.stale, findings.version
        ) as is_fresh
    from unnest($23::text::integer[], $24::text::integer[], $25::text::integer[], $26::text::bigint[], $27::text::numeric[])
        as calculated (line, period_place, finding, marked_in, value)
    join periods using (period_place)
    join marked using (line, period_start, marked_in)
    join findings using (finding)
    left join standing using (line, period_start)
),
taken as (
    delete from dirty_cells
    where organization_id = $1 and ctid = any (array(select cell_place from done))
),
given_back as (
    delete from leases
    where organization_id = $1 and kpi_id = any ($7) and number = $6
),
begun as (
    insert into batches (organization_id, id, action, actor, recorded_at)
    select $1, $2, $3, $4, $5
    where exists (select from done where is_fresh)
    on conflict do nothing
),
ended as (
    update computed_values
    set ended_in = $2
    where organization_id = $1
        and ctid = any (array(select standing_place from done where is_fresh and standing_place is not null))
    returning 1
),
appended as (
    insert into computed_values (
        organization_id, id, kpi_id, segment, grain, period, period_start, period_end, value, text, absence, reason, known,
        known_of, known_grain, stale, version, batch_id
    )
    select
        $1, nextval('entity_ids'), kpi_id, segment, grain, period, period_start, period_end, trim_scale(value), text, absence,
        reason, known, known_of, known_grain, stale, version, $2
    from (
        select *
        from done
        join lines using (line)
        join periods using (period_place)
        join findings using (finding)
        where is_fresh
        order by line, period_start
    ) as ordered
    where (select count(*) from ended) >= 0
)
select (select count(*) from done) as done, (select count(*) from done where is_fresh) as changed
