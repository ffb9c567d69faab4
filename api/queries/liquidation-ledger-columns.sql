-- What came to and went from each cell (of `width` base cells, rounded down below 0 too) by the ledger
-- of levels, as (start, value, positions) by stretch of blocks: each from its start to the next, the
-- first from block 0. By cause only when asked; values and the split as in liquidation-ledger-map.
SELECT
    placed,
    is_long,
    k,
    cause_asked,
    sign_asked,
    -- 32 bits pass as numbers.
    arraySort(groupArray((toUInt32(start), value, toInt32(positions)))) AS changes
FROM (
    SELECT
        roundDown(block_number, {starts:Array(UInt64)}) AS start,
        'LEVEL' AS placed,
        is_long,
        toInt32(intDiv(cell - positiveModulo(cell, {width:Int32}), {width:Int32})) AS k,
        if({byCause:Bool}, cause, '') AS cause_asked,
        if({byCause:Bool}, sign, toInt8(0)) AS sign_asked,
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
    GROUP BY start, is_long, k, cause_asked, sign_asked
    UNION ALL
    SELECT
        roundDown(block_number, {starts:Array(UInt64)}) AS start,
        placement AS placed,
        is_long,
        toInt32(0) AS k,
        if({byCause:Bool}, cause, '') AS cause_asked,
        if({byCause:Bool}, sign, toInt8(0)) AS sign_asked,
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
    GROUP BY start, placed, is_long, cause_asked, sign_asked
)
GROUP BY placed, is_long, k, cause_asked, sign_asked
ORDER BY placed, is_long, k, cause_asked, sign_asked
