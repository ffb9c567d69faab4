-- The events of one market. Borrowing is the only fee that accrues; fees are not taken from the collateral.
INSERT INTO position_events
(
    type, position_key, account, market, collateral_token, is_long, order_key, order_type, size_usd, size_base,
    collateral_raw, size_delta_usd, size_delta_base, collateral_delta_raw, execution_price, index_price_min,
    index_price_max, collateral_price_min, collateral_price_max, realized_pnl_usd, price_impact_usd, details, sub_index,
    block_timestamp, transaction_hash, transaction_index, venue, block_number, log_index, chain_id
)
WITH
    /* shape */,
    /* amounts */
SELECT
    transform(cause,
        ['OPEN', 'INCREASE', 'DECREASE', 'MARGIN_ADD', 'MARGIN_REMOVE', 'CLOSE', 'LIQUIDATION'],
        ['PositionOpened', 'PositionIncreased', 'PositionDecreased', 'MarginAdded', 'MarginRemoved', 'PositionClosed', 'PositionLiquidated'], ''),
    key_text,
    account_text,
    {marketToken:String},
    collateral_token,
    is_long,
    hash_text(i * 4096 + log_index, 'order'),
    multiIf(cause IN ('OPEN', 'INCREASE', 'MARGIN_ADD'), 2, cause = 'LIQUIDATION', 7, 4),
    usd(size_cents),
    base(base_units),
    own_collateral(collateral_units),
    usd(size_cents - size_before),
    base(base_units - base_before),
    own_collateral(collateral_units - collateral_before),
    index_price,
    index_price,
    index_price,
    collateral_price,
    collateral_price,
    usd(if(base_units < base_before, toInt64(round(if(is_long, 1, -1) * ((base_before - base_units) / {fine:Float64} * price * 100
        - (size_before - size_cents)))), 0)),
    0,
    concat('{"borrowingFactor":"', toString(borrowing), '","fundingFeeAmountPerSize":"0","longTokenClaimableFundingAmountPerSize":"0"',
        ',"pendingPriceImpactAmount":"0","shortTokenClaimableFundingAmountPerSize":"0"}'),
    0,
    at_time,
    transaction_hash,
    transaction_index,
    'gmx-v2',
    number_of(i),
    log_index,
    {chainId:UInt64}
FROM workshop.placed
WHERE market = {market:UInt8}
