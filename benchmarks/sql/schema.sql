-- What the compared servers read, each as its author would have it: flat views, and functions a column each.
-- The owner of the tables reads them, so no row-level security slows the compared servers.
create schema bench;

-- Whoever writes these statements by hand adds this index; without it the latest figure is found by sorting.
create index reported_figures_latest
    on reported_figures (organization_id, kpi_id, segment, period_end desc nulls last, id desc);

create function bench.colour(status text) returns text language sql immutable parallel safe as $$
    select case status when 'MET' then 'GREEN' when 'ACCEPTABLE' then 'GREEN' when 'NEAR_MISS' then 'YELLOW'
        when 'MISSED' then 'RED' else 'GREY' end
$$;

create function bench.attainment(operator text, value numeric, target numeric) returns numeric
language sql immutable parallel safe as $$
    select case when operator = 'AT_LEAST' then value / nullif(target, 0) else target / nullif(value, 0) end
$$;

create function bench.status(target numeric, value numeric, attainment numeric) returns text
language sql immutable parallel safe as $$
    select case when target is null then 'NO_TARGET' when value is null then 'NO_DATA' when attainment >= 1 then 'MET'
        when attainment >= 0.95 then 'NEAR_MISS' else 'MISSED' end
$$;

-- A board over normalised tables: the latest and the previous figure and the target of each KPI, judged on the way.
create view bench.boards_normalised as
select
    kpi.organization_id,
    organization.slug as organization_slug,
    organization.name as organization_name,
    kpi.key,
    kpi.name,
    latest.text as current_text,
    latest.value::float8 as current_value,
    latest.period as current_period,
    previous.text as previous_text,
    previous.value::float8 as previous_value,
    previous.period as previous_period,
    target.text as target_text,
    target.value::float8 as target_value,
    owner.title as owner_title,
    judged.status,
    bench.colour(judged.status) as colour,
    attained.ratio::float8 as attainment
from kpis as kpi
join organizations as organization on organization.id = kpi.organization_id
left join owners as owner on owner.organization_id = kpi.organization_id and owner.id = kpi.owner_id
left join lateral (
    select figure.text, figure.value, figure.period from reported_figures as figure
    where figure.organization_id = kpi.organization_id and figure.kpi_id = kpi.id and figure.segment = ''
    order by figure.period_end desc nulls last, figure.id desc limit 1
) as latest on true
left join lateral (
    select figure.text, figure.value, figure.period from reported_figures as figure
    where figure.organization_id = kpi.organization_id and figure.kpi_id = kpi.id and figure.segment = ''
    order by figure.period_end desc nulls last, figure.id desc limit 1 offset 1
) as previous on true
left join lateral (
    select aim.text, aim.value, aim.operator from targets as aim
    where aim.organization_id = kpi.organization_id and aim.kpi_id = kpi.id and aim.segment = ''
    order by aim.id desc limit 1
) as target on true
cross join lateral (select bench.attainment(target.operator, latest.value, target.value) as ratio) as attained
cross join lateral (select bench.status(target.value, latest.value, attained.ratio) as status) as judged;

-- The same over the maintained kpi_current, which holds the words and periods of the figures and of the target too.
create view bench.boards_current as
select
    kpi.organization_id,
    organization.slug as organization_slug,
    organization.name as organization_name,
    kpi.key,
    kpi.name,
    standing.text as current_text,
    standing.value::float8 as current_value,
    standing.period as current_period,
    standing.previous_text,
    standing.previous_value::float8 as previous_value,
    standing.previous_period,
    standing.target_text,
    standing.target_value::float8 as target_value,
    owner.title as owner_title,
    standing.status,
    bench.colour(standing.status) as colour,
    standing.attainment::float8 as attainment
from kpis as kpi
join organizations as organization on organization.id = kpi.organization_id
left join owners as owner on owner.organization_id = kpi.organization_id and owner.id = kpi.owner_id
left join kpi_current as standing
    on standing.organization_id = kpi.organization_id and standing.kpi_id = kpi.id and standing.segment = '';

-- One KPI's value and status, without what a board needs beyond them.
create view bench.tiny_normalised as
select
    kpi.organization_id,
    organization.slug as organization_slug,
    kpi.key,
    kpi.name,
    latest.value::float8 as current_value,
    bench.status(target.value, latest.value, bench.attainment(target.operator, latest.value, target.value)) as status
from kpis as kpi
join organizations as organization on organization.id = kpi.organization_id
left join lateral (
    select figure.value from reported_figures as figure
    where figure.organization_id = kpi.organization_id and figure.kpi_id = kpi.id and figure.segment = ''
    order by figure.period_end desc nulls last, figure.id desc limit 1
) as latest on true
left join lateral (
    select aim.value, aim.operator from targets as aim
    where aim.organization_id = kpi.organization_id and aim.kpi_id = kpi.id and aim.segment = ''
    order by aim.id desc limit 1
) as target on true;

create view bench.tiny_current as
select
    kpi.organization_id,
    organization.slug as organization_slug,
    kpi.key,
    kpi.name,
    standing.value::float8 as current_value,
    standing.status
from kpis as kpi
join organizations as organization on organization.id = kpi.organization_id
left join kpi_current as standing
    on standing.organization_id = kpi.organization_id and standing.kpi_id = kpi.id and standing.segment = '';

-- The KPI alone; what it shows beyond that are functions of its row, as PostGraphile's own documents advise.
create view bench.measures as
select kpi.organization_id, organization.slug as organization_slug, organization.name as organization_name,
    kpi.id, kpi.owner_id, kpi.key, kpi.name
from kpis as kpi
join organizations as organization on organization.id = kpi.organization_id;

create view bench.tenants as
select organization.id as organization_id, organization.slug, organization.name from organizations as organization;

create type bench.figure as (text text, value float8, period text);
create type bench.aim as (text text, value float8);
create type bench.holder as (title text);
create type bench.verdict as (status text, colour text, attainment float8);

create function bench.measures_current(measure bench.measures) returns bench.figure language sql stable as $$
    select figure.text, figure.value::float8, figure.period from reported_figures as figure
    where figure.organization_id = measure.organization_id and figure.kpi_id = measure.id and figure.segment = ''
    order by figure.period_end desc nulls last, figure.id desc limit 1
$$;

create function bench.measures_previous(measure bench.measures) returns bench.figure language sql stable as $$
    select figure.text, figure.value::float8, figure.period from reported_figures as figure
    where figure.organization_id = measure.organization_id and figure.kpi_id = measure.id and figure.segment = ''
    order by figure.period_end desc nulls last, figure.id desc limit 1 offset 1
$$;

create function bench.measures_target(measure bench.measures) returns bench.aim language sql stable as $$
    select aim.text, aim.value::float8 from targets as aim
    where aim.organization_id = measure.organization_id and aim.kpi_id = measure.id and aim.segment = ''
    order by aim.id desc limit 1
$$;

create function bench.measures_owner(measure bench.measures) returns bench.holder language sql stable as $$
    select row(owner.title)::bench.holder from owners as owner
    where owner.organization_id = measure.organization_id and owner.id = measure.owner_id
$$;

create function bench.measures_verdict(measure bench.measures) returns bench.verdict language sql stable as $$
    select judged.status, bench.colour(judged.status), attained.ratio::float8
    from (
        select figure.value from reported_figures as figure
        where figure.organization_id = measure.organization_id and figure.kpi_id = measure.id and figure.segment = ''
        order by figure.period_end desc nulls last, figure.id desc limit 1
    ) as latest
    left join lateral (
        select aim.value, aim.operator from targets as aim
        where aim.organization_id = measure.organization_id and aim.kpi_id = measure.id and aim.segment = ''
        order by aim.id desc limit 1
    ) as target on true
    cross join lateral (select bench.attainment(target.operator, latest.value, target.value) as ratio) as attained
    cross join lateral (select bench.status(target.value, latest.value, attained.ratio) as status) as judged
$$;

-- Views have no keys of their own: these comments name them for PostGraphile, and open columns to conditions.
comment on view bench.boards_normalised is E'@primaryKey organization_id,key\n@behavior +attribute:filterBy +attribute:orderBy';
comment on view bench.boards_current is E'@primaryKey organization_id,key\n@behavior +attribute:filterBy +attribute:orderBy';
comment on view bench.tiny_normalised is E'@primaryKey organization_id,key\n@behavior +attribute:filterBy +attribute:orderBy';
comment on view bench.tiny_current is E'@primaryKey organization_id,key\n@behavior +attribute:filterBy +attribute:orderBy';
comment on view bench.measures is E'@primaryKey organization_id,key\n@behavior +attribute:filterBy +attribute:orderBy';
comment on view bench.tenants is E'@primaryKey organization_id';
