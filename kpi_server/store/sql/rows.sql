-- The rows of one table, to be narrowed by conditions on `entry`, its organization first.
-- {{table}} is the table; rows as they are; primary key.
select entry.*
from {table} as entry
{where}
