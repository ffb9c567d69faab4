-- E1, one value a price-posting transaction: the delay of its oldest observation.
WITH
    arrayElement(
        {boundSeconds:Array(Int64)},
        arrayCount(start -> start <= block_number, {boundBlocks:Array(UInt64)})
    ) AS bound_seconds,
    oldest AS (
        SELECT
            if({groupBy:String} = 'FEED', toString(venue), '') AS by_venue,
            multiIf({groupBy:String} = 'FEED', toString(token), {groupBy:String} = 'PROVIDER', toString(provider), '') AS by_name,
            multiIf(
                {groupBy:String} = 'HOUR', intDiv(block_timestamp, 3600) * 3600,
                {groupBy:String} = 'VOL_REGIME', toUInt64(has({stressHours:Array(UInt64)}, intDiv(block_timestamp, 3600) * 3600)),
                0
            ) AS by_hour,
            delivery,
            max(assumeNotNull(observation_lag_seconds)) AS lag_seconds,
            max(venue = {boundVenue:String} AND bound_seconds >= 0) AS is_checked,
            max(venue = {boundVenue:String} AND bound_seconds >= 0 AND observation_lag_seconds > bound_seconds) AS is_violation
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
            AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
            AND block_number >= {fromBlock:UInt64}
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND observation_lag_seconds IS NOT NULL
        GROUP BY by_venue, by_name, by_hour, delivery, block_number, transaction_index
    ),
    by_delay AS (
        SELECT
            by_venue,
            by_name,
            by_hour,
            delivery,
            lag_seconds,
            count() AS total,
            sum(is_checked) AS checked,
            sum(is_violation) AS violations
        FROM oldest
        GROUP BY by_venue, by_name, by_hour, delivery, lag_seconds
    )
SELECT
    by_venue AS group_venue,
    by_name AS group_name,
    by_hour AS group_hour,
    toString(delivery) AS group_delivery,
    groupArray(toFloat64(lag_seconds)) AS sample_values,
    groupArray(toFloat64(total)) AS sample_counts,
    sum(checked) AS bound_checked,
    sum(violations) AS bound_violations
FROM by_delay
GROUP BY group_venue, group_name, group_hour, group_delivery
ORDER BY group_venue, group_name, group_hour, group_delivery
LIMIT {limit:UInt64}
