-- E3: how old the newest price of each feed is at every moment: it starts at its delay when a block
-- brings it and grows until the next one comes (or the window ends). Starts and ends, counted by age.
WITH
    series AS (
        SELECT
            venue,
            token,
            delivery,
            groupArray(
                bitOr(
                    bitShiftLeft(block_number - {fromBlock:UInt64}, 32),
                    bitOr(bitShiftLeft(toUInt64(log_index), 12), toUInt64(sub_index))
                )
            ) AS places,
            arraySort((value, place) -> place, groupArray(toInt64(block_timestamp)), places) AS times,
            arraySort((value, place) -> place, groupArray(assumeNotNull(observation_lag_seconds)), places) AS lags,
            arraySort((value, place) -> place, groupArray(toString(if({groupBy:String} = 'PROVIDER', provider, ''))), places) AS names
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND block_number >= {fromBlock:UInt64}
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND (empty({tokens:Array(String)}) OR (token IN {tokens:Array(String)} AND concat(venue, ':', token) IN {feeds:Array(String)}))
            AND observation_lag_seconds IS NOT NULL
        GROUP BY venue, token, delivery
    ),
    -- A price that another one of its block (or second) follows is never the newest for any time.
    teeth AS (
        SELECT
            if({groupBy:String} = 'FEED', venue, '') AS by_venue,
            multiIf({groupBy:String} = 'FEED', toString(token), {groupBy:String} = 'PROVIDER', name, '') AS by_name,
            multiIf(
                {groupBy:String} = 'HOUR', toUInt64(intDiv(time, 3600) * 3600),
                {groupBy:String} = 'VOL_REGIME', toUInt64(has({stressHours:Array(UInt64)}, intDiv(time, 3600) * 3600)),
                0
            ) AS by_hour,
            delivery,
            lag AS start_age,
            lag + until_time - time AS end_age,
            count() AS teeth_count
        FROM series
        ARRAY JOIN
            times AS time,
            lags AS lag,
            names AS name,
            arrayPushBack(arrayPopFront(times), toInt64({toTime:UInt64})) AS until_time
        WHERE until_time > time
        GROUP BY by_venue, by_name, by_hour, delivery, start_age, end_age
    )
SELECT
    toString(by_venue) AS group_venue,
    by_name AS group_name,
    by_hour AS group_hour,
    toString(delivery) AS group_delivery,
    sumMap(map(start_age, teeth_count)) AS starts,
    sumMap(map(end_age, teeth_count)) AS ends
FROM teeth
GROUP BY group_venue, group_name, group_hour, group_delivery
ORDER BY group_venue, group_name, group_hour, group_delivery
LIMIT {limit:UInt64}
