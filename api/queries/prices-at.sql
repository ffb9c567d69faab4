-- The prices of some feeds ('venue:token') in force at any of the wanted blocks, each once. Of several in one
-- block the last one holds.
WITH
    wanted AS (
        SELECT
            arrayJoin({feeds:Array(String)}) AS wanted_feed,
            arrayJoin({blocks:Array(UInt64)}) AS wanted_block
    ),
    block_prices AS (
        SELECT
            concat(venue, ':', token) AS price_feed,
            block_number AS price_block,
            argMax(min_price, (log_index, sub_index)) AS last_min_price,
            argMax(max_price, (log_index, sub_index)) AS last_max_price,
            argMax(tuple(price_decimals), (log_index, sub_index)).1 AS last_price_decimals
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND concat(venue, ':', token) IN {feeds:Array(String)}
            AND block_number <= arrayMax({blocks:Array(UInt64)})
        GROUP BY price_feed, block_number
    )
SELECT DISTINCT
    p.price_feed AS feed,
    p.price_block AS block_number,
    p.last_min_price AS min_price,
    p.last_max_price AS max_price,
    p.last_price_decimals AS price_decimals
FROM wanted AS w
ASOF JOIN block_prices AS p
    ON w.wanted_feed = p.price_feed AND w.wanted_block >= p.price_block
ORDER BY feed, block_number
