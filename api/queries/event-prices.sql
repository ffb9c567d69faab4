-- Every price posted for some feeds ('venue:token') inside the given blocks, in order: what held at a log's place.
SELECT
    concat(venue, ':', token) AS feed,
    min_price,
    max_price,
    block_number,
    log_index
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND (venue, token) IN (
        SELECT substring(feed, 1, position(feed, ':') - 1), substring(feed, position(feed, ':') + 1)
        FROM (SELECT arrayJoin({feeds:Array(String)}) AS feed)
    )
    AND block_number IN {blocks:Array(UInt64)}
ORDER BY block_number, log_index, sub_index
