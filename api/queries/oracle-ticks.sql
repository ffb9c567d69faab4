-- E6: the middle price of one feed at each second that it changed in, by block time or by observation.
SELECT
    if({clock:String} = 'OBSERVED', assumeNotNull(observed_at), toInt64(block_timestamp)) AS tick_time,
    log(toFloat64(argMax(min_price + max_price, (block_number, log_index, sub_index)))) AS log_price
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND block_number >= {fromBlock:UInt64}
    AND block_number <= {toBlock:UInt64}
    AND block_timestamp >= {fromTime:UInt64}
    AND block_timestamp < {toTime:UInt64}
    AND venue = {venue:String}
    AND token = {token:String}
    AND min_price > 0
    AND ({clock:String} = 'BLOCK' OR observed_at IS NOT NULL)
GROUP BY tick_time
ORDER BY tick_time
LIMIT {limit:UInt64}
