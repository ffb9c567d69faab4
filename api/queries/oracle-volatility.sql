-- How much prices moved in each hour: the realised variance of each feed in the hour (sum of squared
-- moves) over its average hour, averaged over the feeds.
WITH
    series AS (
        SELECT
            venue,
            token,
            arraySort((value, place) -> place, groupArray(block_timestamp), groupArray(place)) AS times,
            arraySort((value, place) -> place, groupArray(toFloat64(min_price + max_price)), groupArray(place)) AS prices
        FROM
        (
            SELECT
                venue,
                token,
                block_timestamp,
                min_price,
                max_price,
                bitOr(
                    bitShiftLeft(block_number - {fromBlock:UInt64}, 32),
                    bitOr(bitShiftLeft(toUInt64(log_index), 12), toUInt64(sub_index))
                ) AS place
            FROM oracle_updates
            WHERE chain_id = {chainId:UInt64}
                AND block_number >= {fromBlock:UInt64}
                AND block_number <= {toBlock:UInt64}
                AND block_timestamp >= {fromTime:UInt64}
                AND block_timestamp < {toTime:UInt64}
                AND (empty({tokens:Array(String)}) OR (token IN {tokens:Array(String)} AND concat(venue, ':', token) IN {feeds:Array(String)}))
                AND min_price > 0
        )
        GROUP BY venue, token
    ),
    hours AS (
        SELECT
            venue,
            token,
            intDiv(time, 3600) * 3600 AS hour_start,
            sum(pow(log(price / previous_price), 2)) AS variance
        FROM series
        ARRAY JOIN
            arrayPopFront(times) AS time,
            arrayPopFront(prices) AS price,
            arrayPopBack(prices) AS previous_price
        GROUP BY venue, token, hour_start
    ),
    relative AS (
        SELECT hour_start, variance / avg(variance) OVER (PARTITION BY venue, token) AS share
        FROM hours
    )
SELECT hour_start, round(avg(share), 9) AS score
FROM relative
WHERE isFinite(share)
GROUP BY hour_start
ORDER BY score DESC, hour_start ASC
