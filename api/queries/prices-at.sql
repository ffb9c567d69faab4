-- The prices of one feed in force at any of the wanted blocks, each once. Of several in one block the last one holds.
-- Between two wanted blocks only the newest price is in force at one, so those blocks are found first (the one before all
-- of them by looking back from there), and prices are read of them alone. As an array, because a cluster cannot send the
-- result of such a union along with IN.
WITH
    arraySort({blocks:Array(UInt64)}) AS rising,
    latest AS (
        SELECT price_block
        FROM (
            SELECT block_number AS price_block
            FROM oracle_updates
            WHERE chain_id = {chainId:UInt64}
                AND venue = {venue:String}
                AND token = {token:String}
                AND block_number <= arrayMin({blocks:Array(UInt64)})
            ORDER BY block_number DESC
            LIMIT 1
        )
        UNION ALL
        SELECT max(block_number) AS price_block
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND venue = {venue:String}
            AND token = {token:String}
            AND block_number > arrayMin({blocks:Array(UInt64)})
            AND block_number <= arrayMax({blocks:Array(UInt64)})
        GROUP BY roundDown(toUInt64(block_number - 1), rising)
    ),
    (SELECT groupArray(price_block) FROM latest) AS price_blocks
SELECT
    u.block_number AS block_number,
    argMax(u.min_price, (u.log_index, u.sub_index)) AS min_price,
    argMax(u.max_price, (u.log_index, u.sub_index)) AS max_price,
    argMax(tuple(u.price_decimals), (u.log_index, u.sub_index)).1 AS price_decimals
FROM oracle_updates AS u
WHERE u.chain_id = {chainId:UInt64}
    AND u.venue = {venue:String}
    AND u.token = {token:String}
    AND u.block_number IN (SELECT arrayJoin(price_blocks))
GROUP BY u.block_number
ORDER BY block_number
