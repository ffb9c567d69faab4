-- Newest row of a market and side in each stretch of blocks (each from its start to the next), by place only.
SELECT
    roundDown(block_number, {starts:Array(UInt64)}) AS start,
    max(block_number) AS newest_block
FROM margin_spreads
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND market = {market:String}
    AND side = {side:String}
    AND block_number <= {toBlock:UInt64}
GROUP BY start
ORDER BY start
