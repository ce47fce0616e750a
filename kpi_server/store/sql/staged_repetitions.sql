-- Takes out of the staged rows those whose cell an earlier one has.
-- $1 how many are told. Rows (position, earlier, count): the first of them with the row that has their cell, and in each how
-- many there are in all. Rows are put in order by cell only where there are fewer cells than rows.
with cells as not materialized (
    {cells}
),
repeated as (
    delete from staged
    using (
        select
            place,
            first_value(position) over same as earlier,
            row_number() over same as number
        from cells
        where (select count(*) > count(distinct cell) from cells)
        window same as (partition by cell order by position)
    ) as found
    where staged.ctid = found.place and found.number > 1
    returning staged.position, found.earlier
)
select position, earlier, count(*) over () as count
from repeated
order by position
limit $1
