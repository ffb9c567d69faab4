-- E8: width of the oracle's own confidence interval over its price (Pyth), in units of 1e-7, counted. Full hours come
-- counted from oracle_hours, in [wholeFrom, wholeTo), the rest from the updates.
WITH
    counted AS (
        SELECT by_venue, by_name, by_hour, delivery, quanta, sum(times) AS total
        FROM
        (
            SELECT
                if({groupBy:String} = 'FEED', toString(venue), '') AS by_venue,
                multiIf({groupBy:String} = 'FEED', toString(token), {groupBy:String} = 'PROVIDER', toString(provider), '') AS by_name,
                multiIf(
                    {groupBy:String} = 'HOUR', intDiv(block_timestamp, 3600) * 3600,
                    {groupBy:String} = 'VOL_REGIME', toUInt64(has({stressHours:Array(UInt64)}, intDiv(block_timestamp, 3600) * 3600)),
                    0
                ) AS by_hour,
                toString(delivery) AS delivery,
                toInt64(round(toFloat64OrZero(JSONExtractString(details, 'confidence')) / toFloat64(max_price) * 1e7)) AS quanta,
                count() AS times
            FROM oracle_updates
            WHERE chain_id = {chainId:UInt64}
                AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
                AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
                AND block_number >= {fromBlock:UInt64}
                AND block_number <= {toBlock:UInt64}
                AND block_timestamp >= {fromTime:UInt64}
                AND block_timestamp < {toTime:UInt64}
                AND (block_timestamp < {wholeFrom:UInt64} OR block_timestamp >= {wholeTo:UInt64})
                AND venue = 'pyth'
                AND max_price > 0
            GROUP BY by_venue, by_name, by_hour, delivery, quanta
            UNION ALL
            SELECT
                if({groupBy:String} = 'FEED', toString(venue), '') AS by_venue,
                if({groupBy:String} = 'FEED', toString(token), '') AS by_name,
                multiIf(
                    {groupBy:String} = 'HOUR', hour_start,
                    {groupBy:String} = 'VOL_REGIME', toUInt64(has({stressHours:Array(UInt64)}, hour_start)),
                    0
                ) AS by_hour,
                toString(delivery) AS delivery,
                quanta,
                sum(hour_times) AS times
            FROM
            (
                SELECT venue, token, delivery, hour_start, confidence_values, confidence_counts
                FROM oracle_hours
                WHERE chain_id = {chainId:UInt64}
                    AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
                    AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
                    AND hour_start >= {wholeFrom:UInt64}
                    AND hour_start < {wholeTo:UInt64}
                    AND venue = 'pyth'
            )
            ARRAY JOIN
                arrayMap(value -> toInt64(value), confidence_values) AS quanta,
                confidence_counts AS hour_times
            GROUP BY by_venue, by_name, by_hour, delivery, quanta
        )
        GROUP BY by_venue, by_name, by_hour, delivery, quanta
    ),
    -- Of each group only the values around the ranks that percentiles and their intervals are read at: ranks of a
    -- binomial distribution, never 3 σ + 3 from its mean.
    sorted AS (
        SELECT
            by_venue,
            by_name,
            by_hour,
            delivery,
            arraySort(groupArray((quanta, total))) AS steps,
            arrayMap(step -> toFloat64(step.1), steps) AS sorted_values,
            arrayMap(step -> toFloat64(step.2), steps) AS counts,
            arrayCumSum(counts) AS up_to,
            up_to[-1] AS n,
            arrayFilter(p -> n * (1 - p) >= 9.999, [0.5, 0.9, 0.95, 0.99, 0.999]) AS levels,
            arrayMap(p -> (n * p - 3 * sqrt(n * p * (1 - p)) - 3, n * p + 3 * sqrt(n * p * (1 - p)) + 3), levels) AS windows,
            arrayMap(
                (rank, times) -> arrayExists(w -> rank >= w.1 AND rank - times <= w.2, windows),
                up_to,
                counts
            ) AS is_kept
        FROM counted
        GROUP BY by_venue, by_name, by_hour, delivery
    )
SELECT
    by_venue AS group_venue,
    by_name AS group_name,
    by_hour AS group_hour,
    toString(delivery) AS group_delivery,
    n AS sample_size,
    arraySum(arrayMap((value, times) -> value * times, sorted_values, counts)) AS sample_sum,
    arraySum(arrayMap((value, times) -> if(value < 0, times, 0), sorted_values, counts)) AS below_zero,
    sorted_values[-1] AS largest,
    arrayFilter((value, keep) -> keep, sorted_values, is_kept) AS kept_values,
    arrayFilter((rank, keep) -> keep, up_to, is_kept) AS kept_ranks
FROM sorted
ORDER BY group_venue, group_name, group_hour, group_delivery
LIMIT {limit:UInt64}
