-- Fees of some orders in the given blocks, taken or due, in order.
SELECT
    toString(type) AS fee_type,
    order_key,
    collateral_price_min,
    position_fee_raw,
    borrow_fee_raw,
    funding_fee_raw,
    liquidation_fee_raw,
    total_cost_raw,
    transaction_hash,
    block_number,
    log_index
FROM fee_events
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND type IN ('FeesCharged', 'FeesDue', 'InsolventClosed')
    AND order_key IN {orderKeys:Array(String)}
    AND block_number IN {blocks:Array(UInt64)}
ORDER BY block_number, log_index, sub_index
