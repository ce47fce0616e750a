-- Where KPIs stood at a number: told by the setting kpi.standings, since standings follow from facts. A view of the schema
-- `past`.
select standing.*
from jsonb_populate_recordset(null::public.kpi_current, current_setting('kpi.standings')::jsonb) as standing
