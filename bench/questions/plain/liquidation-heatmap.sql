-- The same at the end of each of many columns of time: every state of the market with the one that replaces it, joined to
-- the columns in which it holds.
WITH
    columns AS (
        SELECT toUInt32(number) AS column_index, {fromTime:UInt64} + (number + 1) * {stepSeconds:UInt64} - 1 AS at_time
        FROM numbers({columns:UInt64})
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
    ),
    placed AS (
        SELECT
            is_long,
            q,
            from_time,
            until_time,
            greatest(1, 0.01 * s) + 0.0005 * s AS needed,
            multiIf(in_token, (s + needed) / (q + c), is_long, (s + needed - c) / q, (s - needed + c) / q) AS level
        FROM states
        WHERE status = 'OPEN'
    )
SELECT
    column_index,
    is_long,
    toInt32(floor(log(level) / ({cellWidth:UInt8} * log(1.0005)))) AS cell,
    sum(q * level) AS value_usd,
    count() AS positions
FROM placed
CROSS JOIN columns
WHERE level > 0 AND from_time <= at_time AND at_time < until_time
GROUP BY column_index, is_long, cell
ORDER BY column_index, is_long, cell
