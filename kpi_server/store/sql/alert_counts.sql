-- How many alerts stand open in the documents of organizations, by document and severity.
-- $1 organizations. Rows (organization_id, document, severity, count); an alert without a severity has that of its class.
select
    alert.organization_id,
    alert.document,
    coalesce(alert.severity, class.severity) as severity,
    count(*) as count
from alerts as alert
left join alert_classes as class
    on class.organization_id = alert.organization_id and class.id = alert.alert_class_id
where alert.organization_id = any ($1::bigint[])
group by alert.organization_id, alert.document, coalesce(alert.severity, class.severity)
