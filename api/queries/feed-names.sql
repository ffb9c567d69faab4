-- The feeds of a chain by name.
SELECT
    toString(venue) AS feed_venue,
    toString(token) AS feed_token,
    toString(max(symbol)) AS feed_symbol
FROM oracle_updates
WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}
GROUP BY venue, token
ORDER BY feed_venue, feed_token
