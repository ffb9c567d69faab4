-- When one feed ('venue:token') had its first and last price.
SELECT
    min(block_timestamp) AS first_time,
    max(block_timestamp) AS last_time,
    count() AS updates
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND concat(venue, ':', token) = {feed:String}
    AND block_number <= {toBlock:UInt64}
