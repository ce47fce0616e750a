-- The rows in which documents list KPIs, to be narrowed by whom and what they name.
-- {{where}} narrows `entry` by organization first, and may name `owner`, `department` and `category`. Rows as they are.
select entry.*/*columns*/
from kpi_rows as entry
left join owners as owner on owner.organization_id = entry.organization_id and owner.id = entry.owner_id
left join departments as department
    on department.organization_id = entry.organization_id and department.id = entry.department_id
left join categories as category
    on category.organization_id = entry.organization_id and category.id = entry.category_id
/*joins*/
{where}
