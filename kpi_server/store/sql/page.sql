-- One page of a sorted list, by keyset: rows beyond a row's sort values, never an offset.
-- {{columns}} of `page`, {{rows}} a select with its own conditions, {{where}} the keyset condition, {{order}} the sort columns ending in a unique
-- one, {{limit}} one more than the page. The select's rows as they are; the index is that of the select.
select {columns}
from ({rows}) as page
{where}
order by {order}
limit {limit}
