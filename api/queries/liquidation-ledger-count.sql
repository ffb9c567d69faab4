-- Open positions that came less those that went, by stretch of blocks (each from its start to the
-- next): what it would cost to judge every open position at the end of each stretch.
SELECT
    roundDown(block_number, {starts:Array(UInt64)}) AS start,
    sum(sign) AS positions
FROM liquidation_levels
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND market = {market:String}
    AND block_number <= {toBlock:UInt64}
    AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
    AND ({account:String} = '' OR account = {account:String})
    AND ({collateralToken:String} = '' OR collateral_token = {collateralToken:String})
    AND (NOT {isSized:Bool} OR size_usd BETWEEN {minSizeUsd:Int256} AND {maxSizeUsd:Int256})
    AND ({minLeverage:Int256} < 0 OR notional_usd * 1000000 >= collateral_usd * {minLeverage:Int256})
    AND ({maxLeverage:Int256} < 0 OR notional_usd * 1000000 <= collateral_usd * {maxLeverage:Int256})
    AND (NOT {isDated:Bool} OR opened_at BETWEEN {openedFrom:UInt64} AND {openedTo:UInt64})
GROUP BY start
ORDER BY start
