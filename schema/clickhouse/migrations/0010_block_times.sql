-- Headers lie in the order of blocks, which is that of time too: the least and greatest time of each granule finds the
-- blocks of a time without reading all of them.
ALTER TABLE blocks ADD INDEX IF NOT EXISTS time_range block_timestamp TYPE minmax GRANULARITY 1;
ALTER TABLE blocks MATERIALIZE INDEX time_range;
