-- The values of one KPI over consecutive periods as a list in JSON, which is passed on as it is, where only recorded
-- values are at stake: no row's worth of anything (null) where a figure is printed of one of the periods, since choosing
-- among figures is not done here, or where the organization has a calendar of its own, whose periods are others.
-- A joined piece of another statement: {id} and {organization_id} are columns of kpis, {$name} what the arguments say: the
-- first days of the first and of the last period, how many values are enough, how names of periods look (for like).
-- `known` is how many periods have a value; unless they are enough, their first days are told.
-- observations_standing alone between the ends, in the partitions of their years: it holds the values; reported_figures_by_kpi
-- between the ends, whatever was printed of other times. It is asked for a row, not whether one exists: exists may be planned
-- as a hash of all that was printed between the ends, of every KPI.
select
    recorded.known,
    recorded.values,
    case when recorded.known < {$enough} then recorded.starts end as starts
from (
    select
        count(*) as known,
        '[' || string_agg(coalesce(observation.value::text, 'null'), ',' order by observation.period_start) || ']'
            as values,
        array_agg(observation.period_start order by observation.period_start) as starts
    from observations as observation
    where observation.organization_id = {organization_id}
        and observation.measure_id = {id}
        and observation.segment = {$segment}
        and observation.grain = {$grain}
        and observation.period_start between {$first} and {$last}
        and observation.ended_in is null
) as recorded
where exists (select from organizations as place where place.id = {organization_id} and place.calendar = '')
    and (
        select true from reported_figures as figure
        where figure.organization_id = {organization_id}
            and figure.kpi_id = {id}
            and figure.segment = {$segment}
            and figure.period like {$pattern}
            and figure.period_start between {$first} and {$last}
        limit 1
    ) is null
