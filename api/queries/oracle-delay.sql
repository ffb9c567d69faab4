-- E1: block time minus observation time, whole seconds, signed: how often each delay came, and how
-- often a price was older than the venue's bound in force at its block allows (-1: no bound known).
WITH
    arrayElement(
        {boundSeconds:Array(Int64)},
        arrayCount(start -> start <= block_number, {boundBlocks:Array(UInt64)})
    ) AS bound_seconds,
    counted AS (
        SELECT
            if({groupBy:String} = 'FEED', venue, '') AS by_venue,
            multiIf({groupBy:String} = 'FEED', token, {groupBy:String} = 'PROVIDER', provider, '') AS by_name,
            multiIf(
                {groupBy:String} = 'HOUR', intDiv(block_timestamp, 3600) * 3600,
                {groupBy:String} = 'VOL_REGIME', toUInt64(has({stressHours:Array(UInt64)}, intDiv(block_timestamp, 3600) * 3600)),
                0
            ) AS by_hour,
            delivery,
            assumeNotNull(observation_lag_seconds) AS lag_seconds,
            count() AS times,
            countIf(venue = {boundVenue:String} AND bound_seconds >= 0) AS checked,
            countIf(venue = {boundVenue:String} AND bound_seconds >= 0 AND observation_lag_seconds > bound_seconds) AS violations
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND block_number >= {fromBlock:UInt64}
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND (empty({tokens:Array(String)}) OR (token IN {tokens:Array(String)} AND concat(venue, ':', token) IN {feeds:Array(String)}))
            AND observation_lag_seconds IS NOT NULL
        GROUP BY by_venue, by_name, by_hour, delivery, lag_seconds
    )
SELECT
    toString(by_venue) AS group_venue,
    toString(by_name) AS group_name,
    by_hour AS group_hour,
    toString(delivery) AS group_delivery,
    sumMap(map(lag_seconds, times)) AS distribution,
    sum(checked) AS bound_checked,
    sum(violations) AS bound_violations
FROM counted
GROUP BY group_venue, group_name, group_hour, group_delivery
ORDER BY group_venue, group_name, group_hour, group_delivery
LIMIT {limit:UInt64}
