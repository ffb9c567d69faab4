-- Forced closes up to a block, summed by interval of `step` seconds, side and class of closed notional
-- (classes begin at the given bounds in whole USD, rising).
SELECT
    intDiv(block_timestamp, {step:UInt64}) * {step:UInt64} AS from_time,
    is_long,
    arrayCount(
        bound -> abs(size_delta_usd) >= bound * toInt256('1000000000000000000000000000000'),
        {boundsUsd:Array(UInt64)}
    ) AS size_class,
    count() AS liquidations,
    uniqExact(account) AS accounts,
    uniqExact(liquidator) AS liquidators,
    sum(abs(size_delta_usd)) AS closed_size_usd,
    sum(if(status_after = 'OPEN', 0, collateral_raw) * collateral_price_min) AS collateral_usd,
    sum(penalty_usd) AS penalty_usd_sum,
    sum(bad_debt_usd) AS bad_debt_usd_sum,
    countIf(is_insolvent) AS insolvent
FROM (
    SELECT *, if(size_usd > abs(size_delta_usd), 'OPEN', 'CLOSED') AS status_after
    FROM liquidations
    WHERE chain_id = {chainId:UInt64}
        AND block_number <= {block:UInt64}
        AND ({market:String} = '' OR market = {market:String})
        AND ({venue:String} = '' OR venue = {venue:String})
        AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
        AND ({cause:String} = '' OR cause = {cause:String})
        AND block_timestamp >= {fromTime:UInt64}
        AND block_timestamp < {toTime:UInt64}
)
GROUP BY from_time, is_long, size_class
ORDER BY from_time, is_long DESC, size_class
LIMIT {limit:UInt64}
