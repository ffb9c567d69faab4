-- When one feed ('venue:token') had its first price: reading ends there.
SELECT block_timestamp AS first_time
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND venue = substring({feed:String}, 1, position({feed:String}, ':') - 1)
    AND token = substring({feed:String}, position({feed:String}, ':') + 1)
    AND block_number <= {toBlock:UInt64}
ORDER BY block_number, log_index, sub_index
LIMIT 1
