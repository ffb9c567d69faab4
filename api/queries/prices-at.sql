-- The prices of some feeds ('venue:token') in force at any of the wanted blocks, each once. Of several in one
-- block the last one holds. Between two wanted blocks only the newest price is in force at one, so those blocks
-- are found first, and prices are read of them alone.
WITH
    latest AS (
        SELECT venue, token, max(block_number) AS price_block
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND (venue, token) IN (
                SELECT substring(feed, 1, position(feed, ':') - 1), substring(feed, position(feed, ':') + 1)
                FROM (SELECT arrayJoin({feeds:Array(String)}) AS feed)
            )
            AND block_number <= arrayMax({blocks:Array(UInt64)})
        GROUP BY
            venue,
            token,
            roundDown(
                toUInt64(greatest(block_number, 1) - 1),
                arrayPushFront(arraySort({blocks:Array(UInt64)}), toUInt64(0))
            )
    )
SELECT
    concat(venue, ':', token) AS feed,
    block_number,
    argMax(u.min_price, (log_index, sub_index)) AS min_price,
    argMax(u.max_price, (log_index, sub_index)) AS max_price,
    argMax(tuple(u.price_decimals), (log_index, sub_index)).1 AS price_decimals
FROM oracle_updates AS u
WHERE chain_id = {chainId:UInt64}
    AND (venue, token) IN (
        SELECT substring(feed, 1, position(feed, ':') - 1), substring(feed, position(feed, ':') + 1)
        FROM (SELECT arrayJoin({feeds:Array(String)}) AS feed)
    )
    AND (venue, token, block_number) IN (SELECT venue, token, price_block FROM latest)
GROUP BY venue, token, block_number
ORDER BY feed, block_number
