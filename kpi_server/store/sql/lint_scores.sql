-- Scores as they were printed. $1 organization. One row a score, by the primary key's organization.
select name, subject, text, value, document, line, origin
from scores
where organization_id = $1
order by position, id
