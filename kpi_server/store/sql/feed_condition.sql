-- Which events a reader wants: the condition of feed_page. $7 to $10 as in feed_wanted; $11 segments or null, $12 kinds or
-- null, and $13 the tables whose rows are told as one of them.
where (
        ($7::text[] is null and $8::text[] is null and $9::text[] is null and $10::text[] is null)
        or looked.measure_id in (select id from wanted)
    )
    and ($11::text[] is null or looked.segment = any ($11))
    and (
        $12::text[] is null
        or case
            when looked.part = 0 and looked.entity <> 'observations' then looked.entity = any ($13::text[])
            when looked.part = 2 then 'RECOMPUTED' = any ($12)
            when looked.action = 'restate' then 'RESTATED' = any ($12)
            when looked.part = 0 then 'RETRACTED' = any ($12)
            when stood.is_there then 'CORRECTED' = any ($12)
            else 'RECORDED' = any ($12)
        end
    )
