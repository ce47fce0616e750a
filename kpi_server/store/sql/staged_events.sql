-- The table in which a file's events wait until all of them are there; it goes with the transaction.
create temp table staged_events (
    place bigint not null,
    kind text not null,
    subject text not null,
    occurred_at timestamptz not null,
    amount numeric,
    currency text,
    attributes text not null,
    external_id text not null,
    digest bytea not null
) on commit drop
