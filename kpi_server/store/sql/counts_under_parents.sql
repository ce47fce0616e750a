-- How many rows each of several lists has that are alike but for what they bind. {{source}} gives the parents as `given`, numbered from 1; {{count}}
-- counts one of the lists. One row a parent, in their order.
select counted.count
from {source}
cross join lateral ({count}) as counted
order by given.number
