-- Takes cells from the queue whose lease still holds, and appends a revision for each whose value is another now: begins the
-- batch, ends what stood, appends, and gives the lease back.
-- $1 organization, $2 batch, $3 its action, $4 its actor, $5 now, $6 lease; lines, twowise: $7 KPIs, $8 segments; periods,
-- fourwise: $9 grains, $10 names, $11 first days, $12 days after the last; findings, eightwise: $13 texts, $14 absences,
-- $15 reasons, $16 known of $17 periods of $18 grains, $19 whether stale, $20 versions of formulas, none for a cell that is
-- only to be dropped. Cells, fivewise, each column as the text of an array, which is far quicker to send: $21 lines,
-- $22 periods and $23 findings by their places from 1, $24 the batches that marked them, $25 values.
-- One row (done, changed). Each line is read once from its first period to its last: what is marked by the primary key of
-- dirty_cells, what stands by computed_values_standing (`offset` keeps both from being joined another way), and what is
-- removed and ends is reached by its place. What ends is ended before anything is appended: at any time at most one row of a
-- cell stands. Rows are appended in the order of the index.
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
calculated as materialized (
    select lines.*, periods.*, calculated.finding, calculated.marked_in, calculated.value
    from unnest($21::text::integer[], $22::text::integer[], $23::text::integer[], $24::text::bigint[], $25::text::numeric[])
        as calculated (line, period_place, finding, marked_in, value)
    join lines using (line)
    join periods on periods.place = calculated.period_place
),
spans as materialized (
    select line, kpi_id, segment, grain, min(period_start) as first_start, max(period_start) as last_start
    from calculated
    group by line, kpi_id, segment, grain
),
marked as materialized (
    select spans.line, cell.*
    from spans
    cross join lateral (
        select one.grain, one.period_start, one.batch_id as marked_in, one.ctid as cell_place
        from dirty_cells as one
        where one.organization_id = $1
            and one.kpi_id = spans.kpi_id
            and one.segment = spans.segment
            and one.grain = spans.grain
            and one.period_start between spans.first_start and spans.last_start
        offset 0
    ) as cell
),
done as materialized (
    select calculated.*, findings.*, marked.cell_place
    from calculated
    join marked using (line, grain, period_start, marked_in)
    join findings using (finding)
),
taken as (
    delete from dirty_cells
    where organization_id = $1 and ctid = any (array(select cell_place from done))
),
given_back as (
    delete from leases
    where organization_id = $1 and kpi_id = any ($7) and number = $6
),
standing as materialized (
    select spans.line, revision.*
    from spans
    cross join lateral (
        select one.ctid as standing_place, one.*
        from computed_values as one
        where one.organization_id = $1
            and one.kpi_id = spans.kpi_id
            and one.segment = spans.segment
            and one.grain = spans.grain
            and one.period_start between spans.first_start and spans.last_start
            and one.ended_in is null
        offset 0
    ) as revision
),
fresh as materialized (
    select done.*, standing.standing_place
    from done
    left join standing using (line, grain, period_start)
    where done.version is not null
        and (
            standing.id is null
            or (
                standing.value, standing.text, standing.absence, standing.reason, standing.known, standing.known_of,
                standing.known_grain, standing.stale, standing.version, standing.period
            ) is distinct from (
                trim_scale(done.value), done.text, done.absence, done.reason, done.known, done.known_of, done.known_grain,
                done.stale, done.version, done.period
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
        $1, nextval('entity_ids'), kpi_id, segment, grain, period, period_start, period_end, trim_scale(value), text, absence,
        reason, known, known_of, known_grain, stale, version, $2
    from (select * from fresh order by line, grain, period_start) as ordered
    where (select count(*) from ended) >= 0
)
select (select count(*) from done) as done, (select count(*) from fresh) as changed
