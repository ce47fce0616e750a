-- Risks with their latest assessment, which is that of the document with the latest period; undated ones come before.
-- {{where}} narrows `risk` by organization first, {{sorted}} is what they are sorted by besides.
-- One row a risk: `entry` and `assessment` as whole rows. Index of assessments by risk.
select
    risk as entry,
    assessment,
    risk.organization_id,
    risk.id,
    risk.position{sorted}
from risks as risk
left join lateral (
    select candidate.id
    from risk_assessments as candidate
    left join documents as document
        on document.organization_id = candidate.organization_id and document.key = candidate.document
    where candidate.organization_id = risk.organization_id and candidate.risk_id = risk.id
    order by coalesce(document.period_end, document.approved_on) desc nulls last, document.key desc, candidate.id desc
    limit 1
) as latest on true
left join risk_assessments as assessment
    on assessment.organization_id = risk.organization_id and assessment.id = latest.id
{where}
