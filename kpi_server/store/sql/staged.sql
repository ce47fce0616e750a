-- The tables in which a file's rows wait until all of them are there; they go with the transaction. Rows name series and
-- periods by numbers; one may have several. What sorts them gets more memory, so that it sorts in two passes however many
-- there are.
set local work_mem = '64MB';
create temp table staged_series (
    number integer not null,
    measure text not null,
    segment text not null,
    grain text not null
) on commit drop;
create temp table staged_periods (
    number integer not null,
    period text not null,
    period_start date not null,
    period_end date not null
) on commit drop;
create temp table staged (
    position bigint not null,
    series integer not null,
    period integer not null,
    value numeric not null,
    text text not null,
    currency text,
    sketch_places integer[],
    sketch_amounts bigint[],
    external_id text
) on commit drop
