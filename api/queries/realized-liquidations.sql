-- Liquidations of one market in [fromTime, toTime), with the index price that triggered each (the
-- bound of the range that the rules take: minimum for longs, maximum for shorts), and the collateral
-- just before in USD 1e30 at its minimum price.
SELECT
    is_long,
    size_base,
    size_delta_base,
    collateral_raw * collateral_price_min AS collateral_usd,
    if(is_long, index_price_min, index_price_max) AS trigger_price,
    block_timestamp
FROM liquidations
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND market = {market:String}
    AND cause = 'LIQUIDATION'
    AND block_number <= {toBlock:UInt64}
    AND block_timestamp >= {fromTime:UInt64}
    AND block_timestamp < {toTime:UInt64}
    AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
    AND ({account:String} = '' OR account = {account:String})
    AND ({collateralToken:String} = '' OR collateral_token = {collateralToken:String})
    AND (NOT {isSized:Bool} OR size_usd BETWEEN {minSizeUsd:Int256} AND {maxSizeUsd:Int256})
    AND (
        NOT {isDated:Bool}
        OR (position_key, life) IN (
            SELECT position_key, life
            FROM position_states
            WHERE {isDated:Bool}
                AND chain_id = {chainId:UInt64}
                AND venue = {venue:String}
                AND market = {market:String}
                AND block_number <= {toBlock:UInt64}
                AND opened_at BETWEEN {openedFrom:UInt64} AND {openedTo:UInt64}
        )
    )
ORDER BY block_number, log_index, sub_index
