-- E2: seconds between the block times of one feed's updates (or, per transaction, of any update).
-- Updates of one series in one block are one. A series is a sorted array of numbers that hold block
-- and second, so that the engine sorts integers and not rows.
WITH
    ({sample:String} = 'TRANSACTION' AND {groupBy:String} != 'FEED') AS is_any_feed,
    series AS (
        SELECT
            if(is_any_feed, '', venue) AS of_venue,
            if(is_any_feed, '', token) AS of_token,
            if({groupBy:String} = 'PROVIDER', provider, '') AS of_provider,
            delivery,
            arrayMap(
                packed -> bitAnd(packed, 1073741823),
                arrayCompact(arraySort(groupArray(
                    bitOr(bitShiftLeft(block_number - {fromBlock:UInt64}, 30), block_timestamp - {fromTime:UInt64})
                )))
            ) AS seconds
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND block_number >= {fromBlock:UInt64}
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND (empty({tokens:Array(String)}) OR (token IN {tokens:Array(String)} AND concat(venue, ':', token) IN {feeds:Array(String)}))
        GROUP BY of_venue, of_token, of_provider, delivery
    ),
    counted AS (
        SELECT
            if({groupBy:String} = 'FEED', of_venue, '') AS by_venue,
            multiIf({groupBy:String} = 'FEED', of_token, {groupBy:String} = 'PROVIDER', of_provider, '') AS by_name,
            multiIf(
                {groupBy:String} = 'HOUR', intDiv(toUInt64(second) + {fromTime:UInt64}, 3600) * 3600,
                {groupBy:String} = 'VOL_REGIME', toUInt64(has({stressHours:Array(UInt64)}, intDiv(toUInt64(second) + {fromTime:UInt64}, 3600) * 3600)),
                0
            ) AS by_hour,
            delivery,
            interval_seconds,
            count() AS times
        FROM series
        ARRAY JOIN
            arrayPopFront(seconds) AS second,
            arrayPopFront(arrayDifference(seconds)) AS interval_seconds
        GROUP BY by_venue, by_name, by_hour, delivery, interval_seconds
    )
SELECT
    toString(by_venue) AS group_venue,
    toString(by_name) AS group_name,
    by_hour AS group_hour,
    toString(delivery) AS group_delivery,
    sumMap(map(toInt64(interval_seconds), times)) AS distribution
FROM counted
GROUP BY group_venue, group_name, group_hour, group_delivery
ORDER BY group_venue, group_name, group_hour, group_delivery
LIMIT {limit:UInt64}
