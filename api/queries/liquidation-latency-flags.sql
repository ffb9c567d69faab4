-- Where somebody marked a position for liquidation, on venues that do it in two steps. There the order
-- key is the position's.
SELECT
    order_key AS position_key,
    block_timestamp,
    block_number,
    log_index
FROM order_events
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND type = 'PositionFlagged'
    AND order_key IN {keys:Array(String)}
    AND block_number <= {toBlock:UInt64}
ORDER BY block_number, log_index, sub_index
