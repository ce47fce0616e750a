-- Takes out of the staged rows those whose cell an earlier one has.
-- $1 how many are told. Rows (position, earlier, count): the first of them with the row that has their cell, and in each how
-- many there are in all.
with repeated as (
    delete from staged
    using (
        select
            ctid,
            first_value(position) over cell as earlier,
            row_number() over cell as number
        from staged
        window cell as (partition by measure, segment, grain, period_start order by position)
    ) as found
    where staged.ctid = found.ctid and found.number > 1
    returning staged.position, found.earlier
)
select position, earlier, count(*) over () as count
from repeated
order by position
limit $1
