-- The number itself as that of the last write. A view of the schema `past`; the setting kpi.as_of is the number.
select organization_id, current_setting('kpi.as_of')::bigint as last
from public.sequences
