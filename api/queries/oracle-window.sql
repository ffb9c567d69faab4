-- First and last block of a time window, and the time of the first; no row where it holds none. Events are sorted by
-- block, not by time.
SELECT from_block, to_block, first_time
FROM (
    SELECT block_number AS from_block, block_timestamp AS first_time
    FROM blocks
    WHERE chain_id = {chainId:UInt64}
        AND block_number <= {toBlock:UInt64}
        AND block_timestamp >= {fromTime:UInt64}
        AND block_timestamp < {toTime:UInt64}
    ORDER BY block_number ASC
    LIMIT 1
) AS opening
CROSS JOIN (
    SELECT block_number AS to_block
    FROM blocks
    WHERE chain_id = {chainId:UInt64}
        AND block_number <= {toBlock:UInt64}
        AND block_timestamp >= {fromTime:UInt64}
        AND block_timestamp < {toTime:UInt64}
    ORDER BY block_number DESC
    LIMIT 1
) AS closing
