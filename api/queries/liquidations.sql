-- One page of liquidations up to a block. `place` orders them on the chain; `sort_key` as in
-- positions.sql.
WITH keyed AS (
    SELECT
        *,
        block_number * 4294967296 + log_index AS place,
        multiIf(
            {orderBy:String} = 'SIZE_USD', size_usd,
            {orderBy:String} = 'PENALTY_USD', penalty_usd,
            {orderBy:String} = 'BAD_DEBT_USD', bad_debt_usd,
            toInt256(block_number * 4294967296 + log_index)
        ) * if({descending:Bool}, -1, 1) AS sort_key
    FROM liquidations
    WHERE chain_id = {chainId:UInt64}
        AND block_number <= {block:UInt64}
        AND ({onlyBlock:UInt64} = 0 OR block_number = {onlyBlock:UInt64})
        AND (NOT {hasOnlyLog:Bool} OR log_index = {onlyLog:UInt32})
        AND ({positionKey:String} = '' OR position_key = {positionKey:String})
        AND ({account:String} = '' OR account = {account:String})
        AND ({liquidator:String} = '' OR liquidator = {liquidator:String})
        AND ({market:String} = '' OR market = {market:String})
        AND ({venue:String} = '' OR venue = {venue:String})
        AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
        AND ({cause:String} = '' OR cause = {cause:String})
        AND ({insolvent:String} = '' OR is_insolvent = ({insolvent:String} = 'true'))
        AND block_timestamp >= {fromTime:UInt64}
        AND block_timestamp < {toTime:UInt64}
)
SELECT
    toString(venue) AS liquidation_venue,
    toString(cause) AS liquidation_cause,
    position_key,
    life,
    account,
    toString(market) AS liquidation_market,
    toString(collateral_token) AS liquidation_collateral,
    is_long,
    order_key,
    liquidator,
    size_usd,
    size_base,
    collateral_raw,
    size_delta_usd,
    size_delta_base,
    execution_price,
    index_price_min,
    index_price_max,
    collateral_price_min,
    collateral_price_max,
    realized_pnl_usd,
    price_impact_usd,
    position_fee_raw,
    borrow_fee_raw,
    funding_fee_raw,
    penalty_raw,
    penalty_usd,
    is_insolvent,
    toString(insolvent_step) AS unpaid_step,
    bad_debt_usd,
    price_observed_at,
    price_observation_lag_seconds,
    block_timestamp,
    transaction_hash,
    block_number,
    log_index,
    place,
    sort_key
FROM keyed
WHERE (NOT {hasAfter:Bool} OR (sort_key, place) > ({afterSort:Int256}, {afterPlace:UInt64}))
    AND (NOT {hasBefore:Bool} OR (sort_key, place) < ({beforeSort:Int256}, {beforePlace:UInt64}))
ORDER BY
    if({inverted:Bool}, -sort_key, sort_key) ASC,
    if({inverted:Bool}, -toInt256(place), toInt256(place)) ASC
LIMIT {limit:UInt64}
