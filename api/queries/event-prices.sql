-- Every price posted for some feeds ('venue:token') inside the given blocks, in order: what held at a log's place.
SELECT
    concat(venue, ':', token) AS feed,
    min_price,
    max_price,
    block_number,
    log_index
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND concat(venue, ':', token) IN {feeds:Array(String)}
    AND block_number IN {blocks:Array(UInt64)}
ORDER BY block_number, log_index, sub_index
