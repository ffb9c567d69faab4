-- Which heads that an answer was given as of still stand: a rollback removes the commit before its rows.
-- A commit of the same block made later is another one: rows were gone in between.
SELECT
    chain_id,
    to_block AS head_block,
    last_block_hash AS head_hash,
    method AS rows_method,
    toUnixTimestamp64Milli(committed_at) AS committed_at_ms,
    (SELECT sum(cityHash64(name, toString(uuid))) FROM system.tables WHERE database = currentDatabase() AND NOT startsWith(name, '.')) AS table_versions,
    concat(currentDatabase(), '_rebuild') AS copy_name,
    (SELECT count() FROM system.tables WHERE database = concat(currentDatabase(), '_rebuild') AND name = 'swap_journal') AS journals
FROM commits
WHERE stage = 'project'
    AND chain_id IN {chainIds:Array(UInt64)}
    AND to_block IN {heads:Array(UInt64)}
