-- A page of each of several lists that are alike but for what they bind. {{source}} gives the parents as `given`, numbered from 1; {{page}} is the
-- statement for the page of one of them, {{order}} what it is sorted by. Rows as the page has them, and `given_number`; the index is that of the list.
select page.*, given.number as given_number
from {source}
cross join lateral ({page}) as page
order by given.number, {order}
