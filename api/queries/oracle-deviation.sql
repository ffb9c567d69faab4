-- E4: size of the move that each update of a feed made: |ln(p / previous p)| of the middle price.
WITH
    {groupBy:String} AS grouping,
    ticks AS (
        SELECT
            concat(venue, ':', token) AS feed,
            multiIf(
                grouping = 'FEED', concat(venue, ':', token),
                grouping = 'PROVIDER', toString(argMax(provider, (log_index, sub_index))),
                grouping = 'HOUR', toString(intDiv(block_timestamp, 3600) * 3600),
                'all'
            ) AS group_key,
            block_number,
            toFloat64(argMax(min_price + max_price, (log_index, sub_index))) AS twice_middle
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND (empty({feeds:Array(String)}) OR concat(venue, ':', token) IN {feeds:Array(String)})
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
        GROUP BY venue, token, block_number, block_timestamp
    ),
    moves AS (
        SELECT
            group_key,
            twice_middle,
            lagInFrame(twice_middle, 1, toFloat64(0)) OVER (
                PARTITION BY feed
                ORDER BY block_number ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS previous
        FROM ticks
    )
SELECT
    group_key,
    count() AS sample_count,
    avg(abs(log(twice_middle / previous))) AS mean_value,
    quantilesExactInclusive(0.5, 0.9, 0.95, 0.99, 0.999)(abs(log(twice_middle / previous))) AS percentiles,
    max(abs(log(twice_middle / previous))) AS max_value
FROM moves
WHERE previous > 0 AND twice_middle > 0
GROUP BY group_key
ORDER BY group_key
LIMIT {limit:UInt64}
