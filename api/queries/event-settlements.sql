-- What the events of one position in the given blocks settled, in order.
SELECT
    toString(type) AS event_type,
    order_key,
    collateral_price_min,
    realized_pnl_usd,
    price_impact_usd,
    details,
    sub_index,
    transaction_hash,
    block_number,
    log_index
FROM position_events
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND position_key = {positionKey:String}
    AND block_number IN {blocks:Array(UInt64)}
ORDER BY block_number, log_index, sub_index
