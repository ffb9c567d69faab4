-- What stands in each base cell at a block by the ledger of levels: value in the units of the measure
-- (level_notional: decimals of size and price together; else USD 1e30), and positions. Positions without
-- a level are in cell 0 of their placement; apart, because few of them make notional_usd worth reading.
SELECT
    'LEVEL' AS placed,
    is_long,
    cell,
    sum(sign * if({measure:String} = 'COLLATERAL', collateral_usd, level_notional)) AS value,
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
    AND placement = 'LEVEL'
GROUP BY is_long, cell
HAVING value != 0 OR positions != 0
UNION ALL
SELECT
    placement AS placed,
    is_long,
    cell,
    sum(sign * if({measure:String} = 'COLLATERAL', collateral_usd, notional_usd)) AS value,
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
    AND placement != 'LEVEL'
GROUP BY placed, is_long, cell
HAVING value != 0 OR positions != 0
