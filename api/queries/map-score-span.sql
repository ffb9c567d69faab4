-- Lowest and highest bound of a feed's prices in [fromTime, toTime), and the last price before. Zeros where there is none.
SELECT
    minIf(block_timestamp, is_inside) AS first_time,
    minIf(min_price, is_inside) AS low_price,
    maxIf(max_price, is_inside) AS high_price,
    argMaxIf(min_price, (block_number, log_index, sub_index), NOT is_inside) AS low_before,
    argMaxIf(max_price, (block_number, log_index, sub_index), NOT is_inside) AS high_before
FROM (
    SELECT *, block_timestamp >= {fromTime:UInt64} AS is_inside
    FROM oracle_updates
    WHERE chain_id = {chainId:UInt64}
        AND venue = {feedVenue:String}
        AND token = {feedToken:String}
        AND block_number <= {toBlock:UInt64}
        AND block_timestamp < {toTime:UInt64}
        AND min_price > 0
)
