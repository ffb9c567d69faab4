-- Whether a feed has any price up to a block: ends at the first one.
SELECT 1 AS is_there
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND block_number <= {block:UInt64}
    AND token = {token:String}
    AND venue = {venue:String}
LIMIT 1
