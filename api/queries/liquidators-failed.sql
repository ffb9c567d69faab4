-- Failed transactions up to a block that liquidators sent to contracts through which they also
-- liquidated; one row without a sender counts all failed ones that are indexed.
SELECT
    '' AS sender,
    countIf(status = 0) AS failed
FROM transactions
WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}
UNION ALL
SELECT
    concat('0x', lower(hex(from_address))) AS sender,
    count() AS failed
FROM transactions
WHERE chain_id = {chainId:UInt64}
    AND block_number <= {block:UInt64}
    AND status = 0
    AND concat('0x', lower(hex(to_address))) IN {targets:Array(String)}
    AND concat('0x', lower(hex(from_address))) IN {senders:Array(String)}
GROUP BY from_address
