-- E1: block time minus observation time, whole seconds, signed: how often each delay came, and how often a price was
-- older than the venue's bound in force at its block allows (-1: no bound known). Full hours come counted
-- from oracle_hours, in [wholeFrom, wholeTo) but for those in which a bound changed; the rest from the updates.
WITH
    counted AS (
        SELECT
            by_venue,
            by_name,
            by_hour,
            delivery,
            lag_seconds,
            times,
            if(is_bound, arrayElement({boundSeconds:Array(Int64)}, arrayCount(start -> start <= epoch, {boundBlocks:Array(UInt64)})), -1) AS bound_seconds
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
                delivery,
                assumeNotNull(observation_lag_seconds) AS lag_seconds,
                venue = {boundVenue:String} AS is_bound,
                if(is_bound, roundDown(block_number, {boundBlocks:Array(UInt64)}), 0) AS epoch,
                count() AS times
            FROM oracle_updates
            WHERE chain_id = {chainId:UInt64}
                AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
                AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
                AND block_number >= {fromBlock:UInt64}
                AND block_number <= {toBlock:UInt64}
                AND block_timestamp >= {fromTime:UInt64}
                AND block_timestamp < {toTime:UInt64}
                AND (
                    block_timestamp < {wholeFrom:UInt64}
                    OR block_timestamp >= {wholeTo:UInt64}
                    OR intDiv(block_timestamp, 3600) * 3600 IN {changedHours:Array(UInt64)}
                )
                AND observation_lag_seconds IS NOT NULL
            GROUP BY by_venue, by_name, by_hour, delivery, lag_seconds, is_bound, epoch
        )
        UNION ALL
        SELECT
            by_venue,
            by_name,
            by_hour,
            delivery,
            lag_seconds,
            sum(hour_times) AS times,
            bound_seconds
        FROM
        (
            SELECT
                if({groupBy:String} = 'FEED', toString(venue), '') AS by_venue,
                if({groupBy:String} = 'FEED', toString(token), '') AS by_name,
                multiIf(
                    {groupBy:String} = 'HOUR', hour_start,
                    {groupBy:String} = 'VOL_REGIME', toUInt64(has({stressHours:Array(UInt64)}, hour_start)),
                    0
                ) AS by_hour,
                delivery,
                delay_values,
                delay_counts,
                if(
                    venue = {boundVenue:String},
                    arrayElement({boundSeconds:Array(Int64)}, arrayCount(start -> start <= hour_start, {boundTimes:Array(UInt64)})),
                    -1
                ) AS bound_seconds
            FROM oracle_hours
            WHERE chain_id = {chainId:UInt64}
                AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
                AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
                AND hour_start >= {wholeFrom:UInt64}
                AND hour_start < {wholeTo:UInt64}
                AND hour_start NOT IN {changedHours:Array(UInt64)}
        )
        ARRAY JOIN
            delay_values AS lag_seconds,
            delay_counts AS hour_times
        GROUP BY by_venue, by_name, by_hour, delivery, lag_seconds, bound_seconds
    ),
    by_delay AS (
        SELECT
            by_venue,
            by_name,
            by_hour,
            delivery,
            lag_seconds,
            sum(times) AS total,
            sumIf(times, bound_seconds >= 0) AS checked,
            sumIf(times, bound_seconds >= 0 AND lag_seconds > bound_seconds) AS violations
        FROM counted
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
