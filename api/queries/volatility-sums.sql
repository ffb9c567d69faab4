-- Terms of the EWMA of squared returns of one feed over [fromTime, toTime), summed between the given instants (rising
-- seconds after a leading 0): each sum decayed to the last update before the next instant. The last price of a second is
-- its price; x = (1 − e^(−dt/τ)) r² ÷ dt for r = ln(p ÷ previous p). Summed as integers: the order in which threads
-- add doubles would show in the last digits.
WITH
    seconds AS (
        SELECT
            toUInt64(block_timestamp) AS second,
            log(toFloat64(argMax(min_price + max_price, (block_number, log_index, sub_index)))) AS log_price
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND venue = {venue:String}
            AND token = {token:String}
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND max_price > 0
        GROUP BY second
    ),
    moves AS (
        SELECT
            second,
            roundDown(second, {instants:Array(UInt64)}) AS after_instant,
            second - lagInFrame(second, 1, second) OVER w AS elapsed,
            log_price - lagInFrame(log_price, 1, log_price) OVER w AS move
        FROM seconds
        WINDOW w AS (ORDER BY second ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    decayed AS (
        SELECT
            second,
            after_instant,
            elapsed,
            if(elapsed = 0, 0., (1 - exp(-elapsed / {tau:Float64})) * move * move / elapsed)
                * exp((toFloat64(second) - toFloat64(max(second) OVER (PARTITION BY after_instant))) / {tau:Float64})
                AS term
        FROM moves
    )
SELECT
    after_instant,
    min(second) AS first_second,
    max(second) AS last_second,
    toFloat64(sum(toInt128(term * 1e24))) / 1e24 AS decayed_sum
FROM decayed
GROUP BY after_instant
ORDER BY after_instant
