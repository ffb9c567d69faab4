-- Spreads of margins of a market and side at the given blocks.
SELECT
    block_number,
    block_timestamp,
    spread
FROM margin_spreads
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND market = {market:String}
    AND side = {side:String}
    AND block_number IN {blocks:Array(UInt64)}
ORDER BY block_number
