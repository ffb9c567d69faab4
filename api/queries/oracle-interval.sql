-- E2: seconds between the block times of one feed's updates (or, per transaction, of any update).
-- Updates of one feed in one block are one.
WITH
    {groupBy:String} AS grouping,
    {sample:String} = 'TRANSACTION' AS per_transaction,
    ticks AS (
        SELECT
            if(per_transaction AND grouping != 'FEED', '', concat(venue, ':', token)) AS series,
            multiIf(
                grouping = 'FEED', concat(venue, ':', token),
                grouping = 'PROVIDER', toString(provider),
                grouping = 'HOUR', toString(intDiv(block_timestamp, 3600) * 3600),
                'all'
            ) AS group_key,
            block_number,
            block_timestamp,
            min(delivery) AS first_delivery,
            max(delivery) AS last_delivery
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND (empty({feeds:Array(String)}) OR concat(venue, ':', token) IN {feeds:Array(String)})
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
        GROUP BY series, group_key, block_number, block_timestamp
    ),
    intervals AS (
        SELECT
            group_key,
            first_delivery,
            last_delivery,
            block_timestamp - lagInFrame(block_timestamp, 1, block_timestamp) OVER in_order AS interval_seconds,
            row_number() OVER in_order AS place
        FROM ticks
        WINDOW in_order AS (
            PARTITION BY series, if(grouping = 'HOUR', '', group_key)
            ORDER BY block_number ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
    )
SELECT
    group_key,
    count() AS sample_count,
    if(min(first_delivery) = max(last_delivery), toString(min(first_delivery)), 'MIXED') AS group_delivery,
    avg(interval_seconds) AS mean_value,
    quantilesExactInclusive(0.5, 0.9, 0.95, 0.99, 0.999)(interval_seconds) AS percentiles,
    toFloat64(max(interval_seconds)) AS max_value
FROM intervals
WHERE place > 1
GROUP BY group_key
ORDER BY group_key
LIMIT {limit:UInt64}
