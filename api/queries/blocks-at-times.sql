-- For each time (unix seconds) the last stored block at or before it.
WITH
    wanted AS (SELECT 1 AS k, arrayJoin({times:Array(UInt64)}) AS wanted_time),
    seconds AS (
        SELECT 1 AS k, block_timestamp, max(block_number) AS last_block
        FROM blocks
        WHERE chain_id = {chainId:UInt64} AND block_number <= {head:UInt64}
        GROUP BY block_timestamp
    )
SELECT
    w.wanted_time AS wanted_time,
    s.last_block AS block_number,
    s.block_timestamp AS block_timestamp
FROM wanted AS w
ASOF JOIN seconds AS s ON w.k = s.k AND w.wanted_time >= s.block_timestamp
ORDER BY wanted_time
