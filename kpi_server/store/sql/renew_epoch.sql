-- Begins another epoch of the feed where another server, timeline or database answers than the one that began this; where
-- none is known yet the epoch stays. One row at most, by primary key.
update feed_epochs
set
    epoch = case when made_by = '' then epoch else substr(md5(gen_random_uuid()::text), 1, 16) end,
    made_by = feed_place()
where id = 1 and made_by <> feed_place()
