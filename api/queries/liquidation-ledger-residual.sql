-- Whether the books of the ledger balance, per cell, side and stretch of blocks, in integers: what stands
-- is made from intervals (a row of sign 1 holds until its position's next row, whatever that is), what
-- came and went from the causes as they were stored. A row lost, doubled or of a wrong cell, weight or
-- cause makes the two differ.
WITH lives AS (
    SELECT
        sign,
        cause,
        placement,
        is_long,
        if(
            placement = 'LEVEL',
            toInt32(intDiv(cell - positiveModulo(cell, {width:Int32}), {width:Int32})),
            toInt32(0)
        ) AS k,
        if(
            {measure:String} = 'COLLATERAL',
            collateral_usd,
            if(placement = 'LEVEL', level_notional, notional_usd)
        ) AS weight,
        block_number,
        leadInFrame(block_number, 1, toUInt64(9007199254740991)) OVER (
            PARTITION BY position_key
            ORDER BY block_number ASC, sign ASC
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS until_block
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
),
changes AS (
    SELECT
        placement,
        is_long,
        k,
        weight,
        change.1 AS start,
        change.2 AS times
    FROM lives
    ARRAY JOIN arrayFilter(
        one -> one.2 != 0 AND one.1 <= {toBlock:UInt64},
        [
            (block_number, toInt8(sign > 0)),
            (until_block, toInt8(-(sign > 0))),
            (
                block_number,
                multiIf(
                    sign > 0 AND cause IN ('CREATED', 'MOVED', 'DRIFT'), toInt8(-1),
                    sign < 0 AND cause IN ('CLOSED', 'LIQUIDATED', 'MOVED', 'DRIFT'), toInt8(1),
                    toInt8(0)
                )
            )
        ]
    ) AS change
),
steps AS (
    SELECT
        sum(weight * times) AS value,
        sum(times) AS positions,
        any(placement) = 'LEVEL' AS is_level
    FROM changes
    GROUP BY roundDown(start, {starts:Array(UInt64)}), placement, is_long, k
)
SELECT
    maxIf(abs(value), is_level) AS level_residual,
    maxIf(abs(value), NOT is_level) AS unplaced_residual,
    max(abs(positions)) AS count_residual,
    count() AS cells_checked
FROM steps
