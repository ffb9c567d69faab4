-- The feeds of a chain by name, as of a block. Hours that have ended name the feeds (oracle_hours); the name itself is in
-- the first and the last update of them, and in what came since.
WITH
    ended AS (
        SELECT venue, token, min(first_time) AS first_time, max(last_time) AS last_time
        FROM oracle_hours
        WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}
        GROUP BY venue, token
    ),
    named AS (
        SELECT venue, token, symbol
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND block_number <= {block:UInt64}
            AND block_timestamp IN (SELECT arrayJoin([first_time, last_time]) FROM ended)
            AND (venue, token, block_timestamp) IN (
                SELECT venue, token, arrayJoin([first_time, last_time]) FROM ended
            )
        UNION ALL
        SELECT venue, token, symbol
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND block_number <= {block:UInt64}
            AND block_timestamp >= (
                SELECT max(hour_start + 3600)
                FROM oracle_hours
                WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}
            )
    )
SELECT
    toString(venue) AS feed_venue,
    toString(token) AS feed_token,
    toString(max(symbol)) AS feed_symbol
FROM named
GROUP BY venue, token
ORDER BY feed_venue, feed_token
