-- Sketches merged cell by cell: what domain/sketch/sparse.merge gives, across segments and over time alike.
-- A select. {sketches} is a relation of (cell, kind, places, amounts), any number of rows a cell, all of one kind;
-- `cell` is what the statement around it groups by, a number or a row. One row a cell: cell, places, amounts.
select merged.cell, coalesce(array_agg(place order by place) filter (where place is not null), '{{}}') as places,
    coalesce(array_agg(amount order by place) filter (where place is not null), '{{}}') as amounts
from (
    select
        sketch.cell,
        held.place,
        case sketch.kind when 'DISTINCT' then max(held.amount) else sum(held.amount)::bigint end as amount
    from {sketches} as sketch
    left join lateral unnest(sketch.places, sketch.amounts) as held (place, amount) on true
    group by sketch.cell, sketch.kind, held.place
) as merged
group by merged.cell
