-- The last block at or below a height of which time and hash are known. A source may store only the
-- headers of blocks that carry logs; that of a range's last block is in its commit.
SELECT block_number, block_hash, block_timestamp
FROM (
    (
        SELECT
            block_number,
            concat('0x', lower(hex(block_hash))) AS block_hash,
            block_timestamp
        FROM blocks
        WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}
        ORDER BY block_number DESC
        LIMIT 1
    )
    UNION ALL
    (
        SELECT
            to_block AS block_number,
            last_block_hash AS block_hash,
            last_block_timestamp AS block_timestamp
        FROM commits
        WHERE chain_id = {chainId:UInt64}
            AND stage = 'land'
            AND to_block <= {block:UInt64}
            AND last_block_hash != ''
        ORDER BY to_block DESC
        LIMIT 1
    )
)
ORDER BY block_number DESC
LIMIT 1
