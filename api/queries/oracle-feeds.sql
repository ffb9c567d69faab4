-- One row a feed: how often, by whom, when last, and at what price.
SELECT
    toString(venue) AS feed_venue,
    toString(token) AS feed_token,
    count() AS updates,
    arraySort(groupUniqArray(toString(provider))) AS providers,
    min(block_timestamp) AS first_time,
    max(block_timestamp) AS last_time,
    max(block_number) AS last_block,
    argMax(min_price, (block_number, log_index, sub_index)) AS last_min_price,
    argMax(max_price, (block_number, log_index, sub_index)) AS last_max_price,
    argMax(tuple(price_decimals), (block_number, log_index, sub_index)).1 AS last_price_decimals,
    toString(argMax(symbol, (block_number, log_index, sub_index))) AS feed_symbol,
    toString(argMax(delivery, (block_number, log_index, sub_index))) AS feed_delivery,
    countIf(observed_at IS NOT NULL) AS observed_updates,
    countIf(time_is_block_time) AS block_time_updates,
    argMax(tuple(observed_at), (block_number, log_index, sub_index)).1 AS last_observed_at
FROM oracle_updates
WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}
GROUP BY feed_venue, feed_token
ORDER BY feed_venue, feed_token
