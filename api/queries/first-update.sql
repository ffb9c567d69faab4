-- When the first price of some feeds ('venue:token', and their tokens; none = all) was posted.
SELECT min(block_timestamp) AS first_time, count() AS updates
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND (empty({tokens:Array(String)}) OR (token IN {tokens:Array(String)} AND concat(venue, ':', token) IN {feeds:Array(String)}))
    AND block_number <= {toBlock:UInt64}
