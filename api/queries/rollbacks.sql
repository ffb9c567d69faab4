-- The newest rollbacks of a chain, with what all of them amount to.
SELECT
    to_block,
    depth,
    reason,
    toUnixTimestamp64Milli(rolled_back_at) AS rolled_back_at_ms,
    count() OVER () AS total,
    max(depth) OVER () AS deepest
FROM rollbacks
WHERE chain_id = {chainId:UInt64}
ORDER BY rolled_back_at DESC
LIMIT {limit:UInt32}
