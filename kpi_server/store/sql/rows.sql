-- The rows of one table, to be narrowed by conditions on `entry`, its organization first.
-- {{table}} is the table, {{sorted}} what they are sorted by besides.
-- Rows as they are; primary key.
select entry.*/*columns*/{sorted}
from {table} as entry
{where}
