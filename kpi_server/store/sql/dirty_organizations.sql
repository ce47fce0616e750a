-- The organizations that have cells to be calculated which nobody is calculating. $1 organizations, $2 now. By primary key.
select id
from unnest($1::bigint[]) as id
where exists (
    select from dirty_cells where organization_id = id and (leased_until is null or leased_until <= $2)
)
