-- What is to be calculated again: nothing of the past is. A view of the schema `past`.
select *
from public.dirty_cells
where false
