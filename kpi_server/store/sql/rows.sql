-- The rows of one table, to be narrowed by conditions on `entry`, its organization first.
-- {{table}} is the table; the comments are room for more columns and joins; rows as they are; primary key.
select entry.*/*columns*/
from {table} as entry
/*joins*/
{where}
