-- The blocks of a time window: events are sorted by block, not by time.
SELECT
    min(block_number) AS from_block,
    max(block_number) AS to_block,
    min(block_timestamp) AS first_time,
    count() AS blocks
FROM blocks
WHERE chain_id = {chainId:UInt64}
    AND block_number <= {toBlock:UInt64}
    AND block_timestamp >= {fromTime:UInt64}
    AND block_timestamp < {toTime:UInt64}
