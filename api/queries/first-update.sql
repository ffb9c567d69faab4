-- When the first price of some feeds (none = all) was posted: by the hours that stand counted, else by the updates behind them.
SELECT min(posted_at) AS first_time, count() AS updates
FROM
(
    SELECT first_time AS posted_at
    FROM oracle_hours
    WHERE chain_id = {chainId:UInt64}
        AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
        AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
        AND block_number <= {toBlock:UInt64}
    UNION ALL
    SELECT block_timestamp AS posted_at
    FROM oracle_updates
    WHERE chain_id = {chainId:UInt64}
        AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
        AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
        AND block_number <= {toBlock:UInt64}
        AND block_timestamp >= {endedAt:UInt64}
)
