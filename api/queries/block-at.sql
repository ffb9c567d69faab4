-- The last block at or below a height whose header is stored: a source may store only the blocks
-- that carry logs.
SELECT
    block_number,
    concat('0x', lower(hex(block_hash))) AS block_hash,
    block_timestamp
FROM blocks
WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}
ORDER BY block_number DESC
LIMIT 1
