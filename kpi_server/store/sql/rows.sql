-- The rows of one table, to be narrowed by conditions on `entry`, its organization first.
-- {{table}} is the table, {{sorted}} what they are sorted by besides; the comments are room for more columns and joins.
-- Rows as they are; primary key.
select entry.*{sorted}/*columns*/
from {table} as entry
/*joins*/
{where}
