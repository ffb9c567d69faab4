-- Blocks of [fromBlock, toBlock] in which one of the feeds ('venue:token') got a price.
SELECT block_number, any(block_timestamp) AS block_time
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND (venue, token) IN (
        SELECT substring(feed, 1, position(feed, ':') - 1), substring(feed, position(feed, ':') + 1)
        FROM (SELECT arrayJoin({feeds:Array(String)}) AS feed)
    )
    AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}
GROUP BY block_number
ORDER BY block_number
LIMIT {limit:UInt64}
