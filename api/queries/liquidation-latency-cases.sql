-- Liquidations of one market in [fromTime, toTime), with the index price that each used (the bound of
-- the range that the rules take: minimum for longs, maximum for shorts).
SELECT
    position_key,
    life,
    account,
    is_long,
    liquidator,
    abs(size_delta_usd) AS closed_size_usd,
    penalty_usd,
    index_price_min,
    index_price_max,
    price_observed_at,
    block_timestamp,
    transaction_hash,
    block_number,
    log_index
FROM liquidations
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND market = {market:String}
    AND cause = 'LIQUIDATION'
    AND block_number <= {toBlock:UInt64}
    AND block_timestamp >= {fromTime:UInt64}
    AND block_timestamp < {toTime:UInt64}
ORDER BY block_number, log_index, sub_index
LIMIT {limit:UInt64}
