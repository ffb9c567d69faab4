-- Who marked some positions for liquidation, on venues that do it in two steps, in chain order. There the
-- order key is the position's.
SELECT
    order_key AS position_key,
    lower(JSONExtractString(details, 'flagger')) AS flagger,
    block_number
FROM order_events
WHERE chain_id = {chainId:UInt64}
    AND type = 'PositionFlagged'
    AND order_key IN {keys:Array(String)}
    AND block_number <= {block:UInt64}
ORDER BY block_number, log_index, sub_index
