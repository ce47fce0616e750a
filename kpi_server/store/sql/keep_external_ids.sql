-- Remembers what a source means by ids of its own; those that are known stay as they are.
-- $1 organization, $2 source; $3 ids, $4 measures, $5 segments and $6 periods, fourwise. Primary key.
insert into external_ids (organization_id, source, external_id, measure_id, segment, period)
select $1, $2, external_id, measure_id, segment, period
from unnest($3::text[], $4::bigint[], $5::text[], $6::text[]) as sent (external_id, measure_id, segment, period)
on conflict do nothing
