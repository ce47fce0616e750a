"""kpi-server: the system of record for a company's KPIs, over GraphQL."""
