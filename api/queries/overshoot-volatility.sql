-- Exponentially weighted variance per second of a feed's middle price as of each wanted block:
-- Σ w r² ÷ Σ w Δt over its price blocks, w = e^(−age ÷ tau).
WITH
    ticks AS (
        SELECT
            block_number AS tick_block,
            any(block_timestamp) AS tick_time,
            argMax((toFloat64(min_price) + toFloat64(max_price)) / 2, (log_index, sub_index)) AS middle
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND venue = substring({indexFeed:String}, 1, position({indexFeed:String}, ':') - 1)
            AND token = substring({indexFeed:String}, position({indexFeed:String}, ':') + 1)
            AND block_number <= arrayMax({blocks:Array(UInt64)})
            AND block_timestamp >= {sinceTime:UInt64}
        GROUP BY block_number
    ),
    steps AS (
        SELECT
            tick_block,
            tick_time,
            lagInFrame(middle, 1, 0) OVER chain_order AS middle_before,
            if(middle_before > 0 AND middle > 0, log(middle / middle_before), 0) AS log_return,
            if(
                middle_before > 0,
                toFloat64(tick_time) - toFloat64(lagInFrame(tick_time, 1, tick_time) OVER chain_order),
                0
            ) AS seconds
        FROM ticks
        WINDOW chain_order AS (ORDER BY tick_block ASC ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    ),
    decayed AS (
        SELECT
            1 AS k,
            tick_block,
            exponentialTimeDecayedSum({tau:Float64})(log_return * log_return, tick_time) OVER so_far
                AS square,
            exponentialTimeDecayedSum({tau:Float64})(seconds, tick_time) OVER so_far AS time,
            count() OVER so_far AS ticks_so_far
        FROM steps
        WINDOW so_far AS (ORDER BY tick_block ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    wanted AS (SELECT 1 AS k, arrayJoin({blocks:Array(UInt64)}) AS wanted_block)
SELECT DISTINCT
    w.wanted_block AS block_number,
    if(d.time > 0, d.square / d.time, 0) AS variance_per_second,
    d.ticks_so_far AS ticks
FROM wanted AS w
ASOF JOIN decayed AS d ON w.k = d.k AND w.wanted_block >= d.tick_block
ORDER BY block_number
