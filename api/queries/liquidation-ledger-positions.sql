-- Positions that the ledger of levels and the states of positions do not agree on at a block: open, but
-- without exactly one level, or the reverse. Of the whole market.
SELECT sum(abs(apart)) AS positions_apart
FROM (
    SELECT position_key, sum(times) AS apart
    FROM (
        SELECT position_key, toInt64(argMax(status, (block_number, log_index, sub_index)) = 'OPEN') AS times
        FROM position_states
        WHERE chain_id = {chainId:UInt64}
            AND venue = {venue:String}
            AND market = {market:String}
            AND block_number <= {toBlock:UInt64}
        GROUP BY position_key
        UNION ALL
        SELECT position_key, -sum(sign) AS times
        FROM liquidation_levels
        WHERE chain_id = {chainId:UInt64}
            AND venue = {venue:String}
            AND market = {market:String}
            AND block_number <= {toBlock:UInt64}
        GROUP BY position_key
    )
    GROUP BY position_key
)
