-- Count and sums of the liquidations that pass a filter up to a block.
SELECT
    count() AS total,
    sum(abs(size_delta_usd)) AS closed_size_usd,
    sum(penalty_usd) AS total_penalty_usd,
    sum(bad_debt_usd) AS total_bad_debt_usd,
    countIf(is_insolvent) AS insolvent_count
FROM liquidations
WHERE chain_id = {chainId:UInt64}
    AND block_number <= {block:UInt64}
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
