-- A table's rows as they were at a number of their organization: what no later write touched, and the content before the
-- first later one of what was. A view of the schema `past`; {{table}} is the table, {{tenant}} its column of the organization.
-- changes_by_entity; the setting kpi.as_of is the number.
select entry.*
from public.{table} as entry
where not exists (
    select
    from public.changes as change
    join public.batches as batch on batch.organization_id = change.organization_id and batch.id = change.batch_id
    where change.organization_id = entry.{tenant}
        and change.entity_id = entry.id
        and change.entity = '{table}'
        and batch.sequence > current_setting('kpi.as_of')::bigint
)
union all
select restored.*
from (
    select distinct on (change.organization_id, change.entity_id) nullif(change.before, 'null') as before
    from public.changes as change
    join public.batches as batch on batch.organization_id = change.organization_id and batch.id = change.batch_id
    where change.entity = '{table}' and batch.sequence > current_setting('kpi.as_of')::bigint
    order by change.organization_id, change.entity_id, batch.sequence, change.index
) as earliest
cross join lateral jsonb_populate_record(null::public.{table}, earliest.before) as restored
where earliest.before is not null
