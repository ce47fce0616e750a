-- The values of one KPI over consecutive periods as two columns, where only recorded values are at stake: no row's worth
-- of anything (null) where a figure is printed of one of the periods, since choosing among figures is not done here, or
-- where the organization has a calendar of its own, whose periods are made elsewhere.
-- A joined piece of another statement: {id} and {organization_id} are columns of kpis, {$name} what the arguments say: the
-- first days of the first and of the last period, the step between them, how their names look (for to_char and for like).
-- observations_standing between the ends, in the partitions of their years alone.
select
    array_agg(coalesce(recorded.period, to_char(spine.start, {$format})) order by spine.start) as periods,
    array_agg(recorded.value::double precision order by spine.start) as values
from generate_series({$first}::timestamp, {$last}::timestamp, {$step}::interval) as spine (start)
left join (
    select observation.period_start, observation.period, observation.value
    from observations as observation
    where observation.organization_id = {organization_id}
        and observation.measure_id = {id}
        and observation.segment = {$segment}
        and observation.grain = {$grain}
        and observation.period_start between {$first} and {$last}
        and observation.ended_in is null
) as recorded on recorded.period_start = spine.start::date
where exists (select from organizations as place where place.id = {organization_id} and place.calendar = '')
    and not exists (
        select from reported_figures as figure
        where figure.organization_id = {organization_id}
            and figure.kpi_id = {id}
            and figure.segment = {$segment}
            and figure.period like {$pattern}
            and figure.period_start between {$first} and {$last}
    )
