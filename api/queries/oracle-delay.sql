-- E1: block time minus observation time, whole seconds, signed. A transaction counts its oldest
-- observation once; an update counts on its own.
WITH
    {groupBy:String} AS grouping,
    {sample:String} = 'TRANSACTION' AS per_transaction,
    samples AS (
        SELECT
            multiIf(
                grouping = 'FEED', concat(venue, ':', token),
                grouping = 'PROVIDER', toString(provider),
                grouping = 'HOUR', toString(intDiv(block_timestamp, 3600) * 3600),
                'all'
            ) AS group_key,
            max(observation_lag_seconds) AS lag_seconds
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND (empty({feeds:Array(String)}) OR concat(venue, ':', token) IN {feeds:Array(String)})
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND observation_lag_seconds IS NOT NULL
        GROUP BY
            group_key,
            block_number,
            transaction_hash,
            if(per_transaction, 0, log_index),
            if(per_transaction, 0, sub_index)
    )
SELECT
    group_key,
    count() AS sample_count,
    countIf(lag_seconds < 0) AS negative_count,
    avg(lag_seconds) AS mean_value,
    quantilesExactInclusive(0.5, 0.9, 0.95, 0.99, 0.999)(lag_seconds) AS percentiles,
    toFloat64(max(lag_seconds)) AS max_value,
    sumMap(map(assumeNotNull(lag_seconds), toUInt64(1))) AS distribution
FROM samples
GROUP BY group_key
ORDER BY group_key
LIMIT {limit:UInt64}
