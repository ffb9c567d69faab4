-- What one account has and had, up to a block. One number says where a state stands in its chain.
WITH latest AS (
    SELECT
        argMax(status, toUInt128(block_number) * 281474976710656 + log_index * 65536 + sub_index) AS last_status,
        argMax(size_usd, toUInt128(block_number) * 281474976710656 + log_index * 65536 + sub_index) AS last_size_usd
    FROM position_states
    WHERE chain_id = {chainId:UInt64}
        AND block_number <= {block:UInt64}
        AND account = {account:String}
    GROUP BY venue, position_key
)
SELECT
    count() AS positions,
    countIf(last_status = 'OPEN') AS open_positions,
    sumIf(last_size_usd, last_status = 'OPEN') AS open_size_usd
FROM latest
