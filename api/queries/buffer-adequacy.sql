-- What the newest liquidations of a market up to a block cost in penalties, and how far apart its last
-- prices came: the terms of a required buffer.
WITH
    penalties AS (
        SELECT
            count() AS liquidated,
            medianExact(toFloat64(penalty_usd) / toFloat64(abs(size_delta_usd))) AS penalty_ratio
        FROM (
            SELECT penalty_usd, size_delta_usd
            FROM liquidations
            WHERE chain_id = {chainId:UInt64}
                AND venue = {venue:String}
                AND market = {market:String}
                AND cause = 'LIQUIDATION'
                AND block_number <= {block:UInt64}
                AND size_delta_usd != 0
            ORDER BY block_number DESC, log_index DESC
            LIMIT {newest:UInt64}
        )
    ),
    price_times AS (
        SELECT block_number, any(block_timestamp) AS price_time
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND venue = substring({indexFeed:String}, 1, position({indexFeed:String}, ':') - 1)
            AND token = substring({indexFeed:String}, position({indexFeed:String}, ':') + 1)
            AND block_number <= {block:UInt64}
            AND block_timestamp >= {sinceTime:UInt64}
        GROUP BY block_number
    ),
    intervals AS (
        SELECT toFloat64(price_time) - toFloat64(lagInFrame(price_time, 1, price_time) OVER rising)
            AS seconds
        FROM price_times
        WINDOW rising AS (ORDER BY block_number ASC ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    )
SELECT
    p.liquidated AS liquidations,
    p.penalty_ratio AS penalty_ratio,
    i.n AS intervals,
    i.mean_seconds AS mean_seconds,
    i.longest_seconds AS longest_seconds
FROM penalties AS p
CROSS JOIN (
    SELECT
        countIf(seconds > 0) AS n,
        avgIf(seconds, seconds > 0) AS mean_seconds,
        max(seconds) AS longest_seconds
    FROM intervals
) AS i
