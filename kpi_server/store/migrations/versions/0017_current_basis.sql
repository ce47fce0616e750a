-- Whether a KPI's current value is the latest reported or recorded one, as it is until its organization switches it, or computed.

alter table kpis add column basis varchar not null default 'REPORTED';
