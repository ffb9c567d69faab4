-- The states of one market in force at any of the wanted blocks, each once. Which blocks made them is found first (the one
-- before all wanted blocks by looking back from there): states are long texts, and only those are read.
WITH
    arraySort({blocks:Array(UInt64)}) AS rising,
    latest AS (
        SELECT state_block
        FROM (
            SELECT block_number AS state_block
            FROM market_states
            WHERE chain_id = {chainId:UInt64}
                AND venue = {venue:String}
                AND market = {market:String}
                AND block_number <= arrayMin({blocks:Array(UInt64)})
            ORDER BY block_number DESC
            LIMIT 1
        )
        UNION ALL
        SELECT max(block_number) AS state_block
        FROM market_states
        WHERE chain_id = {chainId:UInt64}
            AND venue = {venue:String}
            AND market = {market:String}
            AND block_number > arrayMin({blocks:Array(UInt64)})
            AND block_number <= arrayMax({blocks:Array(UInt64)})
        GROUP BY roundDown(toUInt64(block_number - 1), rising)
    ),
    (SELECT groupArray(state_block) FROM latest) AS state_blocks
SELECT block_number, index_token, state
FROM market_states
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND market = {market:String}
    AND block_number IN (SELECT arrayJoin(state_blocks))
ORDER BY block_number
