-- Delays of one feed over a window.
SELECT
    count() AS updates,
    quantilesExactInclusive(0.5, 0.9, 0.95, 0.99, 0.999)(observation_lag_seconds) AS percentiles,
    max(observation_lag_seconds) AS most
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND token = {token:String}
    AND block_timestamp >= {fromTime:UInt64}
    AND block_timestamp < {toTime:UInt64}
