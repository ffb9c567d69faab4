-- How the margins of a market's open positions are spread at the end of each column of time: every state with the one
-- that replaces it, joined to the columns in which it holds. In doubles, without what borrowing has accrued.
WITH
    columns AS (
        SELECT 1 AS k, toUInt32(number) AS column_index, toUInt64({fromTime:UInt64} + (number + 1) * {stepSeconds:UInt64} - 1) AS at_time
        FROM numbers({columns:UInt64})
    ),
    index_prices AS (
        SELECT 1 AS k, block_timestamp, toFloat64(min_price) / {priceUnit:Float64} AS price
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64} AND venue = 'gmx-v2' AND token = {indexToken:String}
    ),
    priced AS (
        SELECT c.column_index AS column_index, c.at_time AS at_time, p.price AS price
        FROM columns AS c
        ASOF JOIN index_prices AS p ON c.k = p.k AND c.at_time >= p.block_timestamp
    ),
    states AS (
        SELECT
            is_long,
            status,
            toFloat64(size_usd) / 1e30 AS s,
            toFloat64(size_base) / {baseUnit:Float64} AS q,
            collateral_token = {indexToken:String} AS in_token,
            toFloat64(collateral_raw) / if(in_token, {baseUnit:Float64}, 1e6) AS c,
            block_timestamp AS from_time,
            leadInFrame(block_timestamp, 1, 18446744073709551615) OVER (
                PARTITION BY position_key ORDER BY block_number ASC, log_index ASC
                ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
            ) AS until_time
        FROM position_states
        WHERE chain_id = {chainId:UInt64} AND venue = 'gmx-v2' AND market = {market:String}
    )
SELECT
    column_index,
    count() AS positions,
    sum(notional) AS notional_usd,
    quantilesExact(0, 0.05, 0.25, 0.5, 0.75, 0.95)(equity / notional) AS margin_ratio,
    quantilesExactWeighted(0, 0.05, 0.25, 0.5, 0.75, 0.95)(equity / notional, toUInt64(notional * 100)) AS margin_ratio_by_notional,
    quantilesExact(0, 0.05, 0.25, 0.5, 0.75, 0.95)(equity / needed) AS health,
    quantilesExactWeighted(0, 0.05, 0.25, 0.5, 0.75, 0.95)(equity / needed, toUInt64(notional * 100)) AS health_by_notional,
    countIf(equity < needed) AS liquidatable
FROM (
    SELECT
        column_index,
        greatest(1, 0.01 * s) AS needed,
        q * price AS notional,
        c * if(in_token, price, 1) + if(is_long, 1, -1) * (notional - s) - 0.0005 * s AS equity
    FROM states
    CROSS JOIN priced
    WHERE status = 'OPEN' AND from_time <= at_time AND at_time < until_time
)
GROUP BY column_index
ORDER BY column_index
