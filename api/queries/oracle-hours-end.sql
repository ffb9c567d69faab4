-- Up to when hours are counted whole, as of a block: a block of that time ended all hours before it.
SELECT max(block_timestamp) AS ended_at
FROM oracle_hours
WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}
