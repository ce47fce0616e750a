-- Which sources' statements stand before those of others. Nobody is named at first, so that the latest statement stands as ever.

alter table organizations add column source_precedence text[] not null default '{}';
