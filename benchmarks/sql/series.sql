-- The daily values of one KPI: of each day what stands, the earliest first.
create function bench.daily(tenant bigint, kpi bigint, first date, last date)
returns table (day date, period varchar, value float8) language sql stable as $$
    select entry.period_start, entry.period, entry.value::float8
    from observations as entry
    where entry.organization_id = tenant and entry.measure_id = kpi and entry.segment = '' and entry.grain = 'DAY'
        and entry.period_start between first and last and entry.ended_in is null
$$;

create type bench.columns as (periods text[], values float8[]);

create function bench.measures_series(measure bench.measures, "from" date, "to" date) returns bench.columns
language sql stable as $$
    select array_agg(point.period::text order by point.day), array_agg(point.value order by point.day)
    from bench.daily(measure.organization_id, measure.id, "from", "to") as point
$$;

comment on function bench.daily is E'@behavior -*';
