-- E1, one value a price-posting transaction: the delay of its oldest observation.
WITH
    arrayElement(
        {boundSeconds:Array(Int64)},
        arrayCount(start -> start <= block_number, {boundBlocks:Array(UInt64)})
    ) AS bound_seconds,
    oldest AS (
        SELECT
            if({groupBy:String} = 'FEED', venue, '') AS by_venue,
            multiIf({groupBy:String} = 'FEED', token, {groupBy:String} = 'PROVIDER', provider, '') AS by_name,
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
            AND block_number >= {fromBlock:UInt64}
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND (empty({tokens:Array(String)}) OR (token IN {tokens:Array(String)} AND concat(venue, ':', token) IN {feeds:Array(String)}))
            AND observation_lag_seconds IS NOT NULL
        GROUP BY by_venue, by_name, by_hour, delivery, block_number, transaction_index
    )
SELECT
    toString(by_venue) AS group_venue,
    toString(by_name) AS group_name,
    by_hour AS group_hour,
    toString(delivery) AS group_delivery,
    sumMap(map(lag_seconds, toUInt64(1))) AS distribution,
    sum(is_checked) AS bound_checked,
    sum(is_violation) AS bound_violations
FROM oldest
GROUP BY group_venue, group_name, group_hour, group_delivery
ORDER BY group_venue, group_name, group_hour, group_delivery
LIMIT {limit:UInt64}
