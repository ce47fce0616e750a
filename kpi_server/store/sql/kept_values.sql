-- Calculated values as they are kept: the revisions that stand, and which of them are to be calculated again.
-- $1 organization; lines of cells, fivewise: $2 KPIs by key, $3 segments, $4 grains, $5 first and $6 last first days of periods.
-- Rows (line, from 1, those of computed_values, pending, is_past), of each line in the order of periods. Of the past nothing is
-- pending. computed_values_standing and dirty_cells by primary key: the sort keeps both from being joined another way.
select line.line, kept.*, nullif(current_setting('kpi.as_of', true), '') is not null as is_past
from unnest($2::text[], $3::text[], $4::text[], $5::date[], $6::date[]) with ordinality
    as line (key, segment, grain, first_start, last_start, line)
join kpis as kpi on kpi.organization_id = $1 and kpi.key = line.key
cross join lateral (
    select
        revision.*,
        exists (
            select from dirty_cells as dirty
            where dirty.organization_id = $1
                and dirty.kpi_id = kpi.id
                and dirty.segment = line.segment
                and dirty.grain = line.grain
                and dirty.period_start = revision.period_start
        ) as pending
    from computed_values as revision
    where revision.organization_id = $1
        and revision.kpi_id = kpi.id
        and revision.segment = line.segment
        and revision.grain = line.grain
        and revision.period_start between line.first_start and line.last_start
        and revision.ended_in is null
    order by revision.period_start
) as kept
