-- The prices of some tokens in force at any of the wanted blocks, each once. Of several in one
-- block the last one holds.
WITH
    wanted AS (
        SELECT
            arrayJoin({tokens:Array(String)}) AS wanted_token,
            arrayJoin({blocks:Array(UInt64)}) AS wanted_block
    ),
    block_prices AS (
        SELECT
            toString(token) AS price_token,
            block_number AS price_block,
            argMax(min_price, (log_index, sub_index)) AS last_min_price,
            argMax(max_price, (log_index, sub_index)) AS last_max_price
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND venue = {venue:String}
            AND token IN {tokens:Array(String)}
            AND block_number <= arrayMax({blocks:Array(UInt64)})
        GROUP BY token, block_number
    )
SELECT DISTINCT
    p.price_token AS token,
    p.price_block AS block_number,
    p.last_min_price AS min_price,
    p.last_max_price AS max_price
FROM wanted AS w
ASOF JOIN block_prices AS p
    ON w.wanted_token = p.price_token AND w.wanted_block >= p.price_block
ORDER BY token, block_number
