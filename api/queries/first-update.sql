-- When the first price of some feeds (none = all) was posted.
SELECT min(block_timestamp) AS first_time, count() AS updates
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
    AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
    AND block_number <= {toBlock:UInt64}
