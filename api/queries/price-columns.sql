-- First, highest, lowest and last middle price of one feed ('venue:token') in each time column of [fromTime, toTime).
SELECT
    intDiv(block_timestamp - {fromTime:UInt64}, {stepSeconds:UInt64}) AS column_index,
    argMin(intDiv(min_price + max_price, 2), (block_number, log_index, sub_index)) AS open_price,
    max(intDiv(min_price + max_price, 2)) AS high_price,
    min(intDiv(min_price + max_price, 2)) AS low_price,
    argMax(intDiv(min_price + max_price, 2), (block_number, log_index, sub_index)) AS close_price
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND venue = substring({feed:String}, 1, position({feed:String}, ':') - 1)
    AND token = substring({feed:String}, position({feed:String}, ':') + 1)
    AND block_number <= {toBlock:UInt64}
    AND block_timestamp >= {fromTime:UInt64}
    AND block_timestamp < {toTime:UInt64}
GROUP BY column_index
ORDER BY column_index
