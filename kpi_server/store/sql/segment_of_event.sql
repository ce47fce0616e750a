-- The segment of an event: of each attribute in $5 its value, where it is one of $6, else "other". An expression.
coalesce((
    select string_agg(
        case
            when key || '=' || (event.attributes ->> key) = any ($6::text[]) then key || '=' || (event.attributes ->> key)
            else key || '=other'
        end,
        ',' order by place
    )
    from unnest($5::text[]) with ordinality as named (key, place)
), '')
