-- For each time (unix seconds) the last stored block at or before it. The block before all of them is looked for from
-- there backwards; of the blocks behind it only the last up to each time is kept.
WITH
    wanted AS (SELECT 1 AS k, arrayJoin({times:Array(UInt64)}) AS wanted_time),
    arraySort(arrayDistinct({times:Array(UInt64)})) AS rising,
    last_blocks AS (
        SELECT 1 AS k, last_block, last_time
        FROM (
            SELECT block_number AS last_block, block_timestamp AS last_time
            FROM blocks
            WHERE chain_id = {chainId:UInt64}
                AND block_number <= {head:UInt64}
                AND block_timestamp <= arrayMin({times:Array(UInt64)})
            ORDER BY block_number DESC
            LIMIT 1
        )
        UNION ALL
        SELECT 1 AS k, max(block_number) AS last_block, max(block_timestamp) AS last_time
        FROM blocks
        WHERE chain_id = {chainId:UInt64}
            AND block_number <= {head:UInt64}
            AND block_timestamp > arrayMin({times:Array(UInt64)})
            AND block_timestamp <= arrayMax({times:Array(UInt64)})
        GROUP BY roundDown(toUInt64(block_timestamp - 1), rising)
    )
SELECT
    w.wanted_time AS wanted_time,
    b.last_block AS block_number,
    b.last_time AS block_timestamp
FROM wanted AS w
ASOF JOIN last_blocks AS b ON w.k = b.k AND w.wanted_time >= b.last_time
ORDER BY wanted_time
