-- E9: (max - min) / middle of the prices that a venue works with, in units of 1e-7, counted. Oracles that
-- log one price have no spread, and are not counted as having none.
WITH
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
            toInt64(round(2 * toFloat64(max_price - min_price) / toFloat64(max_price + min_price) * 1e7)) AS quanta,
            count() AS times
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND block_number >= {fromBlock:UInt64}
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND (empty({tokens:Array(String)}) OR (token IN {tokens:Array(String)} AND concat(venue, ':', token) IN {feeds:Array(String)}))
            AND venue IN {spreadVenues:Array(String)}
            AND min_price > 0
        GROUP BY by_venue, by_name, by_hour, delivery, quanta
    )
SELECT
    toString(by_venue) AS group_venue,
    toString(by_name) AS group_name,
    by_hour AS group_hour,
    toString(delivery) AS group_delivery,
    sumMap(map(quanta, times)) AS distribution
FROM counted
GROUP BY group_venue, group_name, group_hour, group_delivery
ORDER BY group_venue, group_name, group_hour, group_delivery
LIMIT {limit:UInt64}
