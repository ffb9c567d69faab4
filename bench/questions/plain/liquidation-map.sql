-- Where the open positions of a market would be liquidated now: the last state of each, its level in doubles, by cell.
WITH
    last_states AS (
        SELECT
            is_long,
            toFloat64(size_usd) / 1e30 AS s,
            toFloat64(size_base) / {baseUnit:Float64} AS q,
            collateral_token = {indexToken:String} AS in_token,
            toFloat64(collateral_raw) / if(in_token, {baseUnit:Float64}, 1e6) AS c,
            status
        FROM position_states
        WHERE chain_id = {chainId:UInt64} AND venue = 'gmx-v2' AND market = {market:String} AND block_number <= {block:UInt64}
        ORDER BY block_number DESC, log_index DESC
        LIMIT 1 BY position_key
    )
SELECT
    is_long,
    toInt32(floor(log(level) / (5 * log(1.0005)))) AS cell,
    sum(q * level) AS value_usd,
    count() AS positions
FROM (
    SELECT
        is_long,
        q,
        greatest(1, 0.01 * s) + 0.0005 * s AS needed,
        multiIf(in_token, (s + needed) / (q + c), is_long, (s + needed - c) / q, (s - needed + c) / q) AS level
    FROM last_states
    WHERE status = 'OPEN'
)
WHERE level > 0
GROUP BY is_long, cell
ORDER BY is_long, cell
