-- Of the levels in the base cells that prices cut, those that each price reaches: longs at or above
-- limits[n], shorts at or below. Prices are given as arrays of base cells, sides and limits.
SELECT
    n,
    sum(sign * if({measure:String} = 'COLLATERAL', collateral_usd, level_notional)) AS value,
    sum(sign) AS positions
FROM liquidation_levels
ARRAY JOIN arrayEnumerate({cells:Array(Int32)}) AS n
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND market = {market:String}
    AND block_number <= {toBlock:UInt64}
    AND placement = 'LEVEL'
    AND cell IN {cells:Array(Int32)}
    AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
    AND ({account:String} = '' OR account = {account:String})
    AND ({collateralToken:String} = '' OR collateral_token = {collateralToken:String})
    AND (NOT {isSized:Bool} OR size_usd BETWEEN {minSizeUsd:Int256} AND {maxSizeUsd:Int256})
    AND ({minLeverage:Int256} < 0 OR notional_usd * 1000000 >= collateral_usd * {minLeverage:Int256})
    AND ({maxLeverage:Int256} < 0 OR notional_usd * 1000000 <= collateral_usd * {maxLeverage:Int256})
    AND (NOT {isDated:Bool} OR opened_at BETWEEN {openedFrom:UInt64} AND {openedTo:UInt64})
    AND cell = {cells:Array(Int32)}[n]
    AND is_long = {longs:Array(UInt8)}[n]
    AND if(
        is_long,
        liquidation_price >= {limits:Array(Int256)}[n],
        liquidation_price <= {limits:Array(Int256)}[n]
    )
GROUP BY n
ORDER BY n
