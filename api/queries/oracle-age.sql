-- E3: how old the newest price of each feed is at every moment: it starts at `delay` when a block
-- brings it and grows for `width` seconds, until the next one (or the end of the window).
WITH
    {groupBy:String} AS grouping,
    ticks AS (
        SELECT
            concat(venue, ':', token) AS feed,
            toString(argMax(provider, (log_index, sub_index))) AS last_provider,
            block_number,
            block_timestamp,
            argMax(observation_lag_seconds, (log_index, sub_index)) AS delay
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND (empty({feeds:Array(String)}) OR concat(venue, ':', token) IN {feeds:Array(String)})
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND observation_lag_seconds IS NOT NULL
        GROUP BY feed, block_number, block_timestamp
    ),
    stretches AS (
        SELECT
            multiIf(
                grouping = 'FEED', feed,
                grouping = 'PROVIDER', last_provider,
                grouping = 'HOUR', toString(intDiv(block_timestamp, 3600) * 3600),
                'all'
            ) AS group_key,
            assumeNotNull(delay) AS delay_seconds,
            leadInFrame(block_timestamp, 1, {toTime:UInt64}) OVER (
                PARTITION BY feed
                ORDER BY block_number ASC
                ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
            ) - block_timestamp AS width_seconds
        FROM ticks
    ),
    shapes AS (
        SELECT group_key, delay_seconds, width_seconds, count() AS times
        FROM stretches
        WHERE width_seconds > 0
        GROUP BY group_key, delay_seconds, width_seconds
    )
SELECT
    group_key,
    groupArray((delay_seconds, width_seconds, times)) AS stretch_shapes
FROM shapes
GROUP BY group_key
ORDER BY group_key
LIMIT {limit:UInt64}
