-- A category and all below it.
-- {{organization}} and {{key}} are bound parameters. Rows (id); natural key, index by parent.
with recursive inside as (
    select root.id
    from categories as root
    where root.organization_id = {organization} and root.key = {key}
    union all
    select below.id
    from inside
    join categories as below on below.organization_id = {organization} and below.parent_id = inside.id
)

select inside.id
from inside
