-- How many rows a list has: {{rows}} is its select. One row; joins that add nothing are removed by the planner.
select count(*) as count
from ({rows}) as counted
