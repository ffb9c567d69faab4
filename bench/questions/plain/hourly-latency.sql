-- Delays of all feeds by hour and way of delivery over a window.
SELECT
    toStartOfHour(toDateTime(block_timestamp)) AS hour,
    delivery,
    count() AS updates,
    quantilesExactInclusive(0.5, 0.9, 0.95, 0.99, 0.999)(observation_lag_seconds) AS percentiles,
    max(observation_lag_seconds) AS most
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND block_timestamp >= {fromTime:UInt64}
    AND block_timestamp < {toTime:UInt64}
GROUP BY hour, delivery
ORDER BY hour, delivery
