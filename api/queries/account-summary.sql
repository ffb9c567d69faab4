-- What one account has and had, up to a block.
WITH latest AS (
    SELECT status, size_usd
    FROM position_states
    WHERE chain_id = {chainId:UInt64}
        AND block_number <= {block:UInt64}
        AND account = {account:String}
    ORDER BY block_number DESC, log_index DESC, sub_index DESC
    LIMIT 1 BY venue, position_key
)
SELECT
    count() AS positions,
    countIf(status = 'OPEN') AS open_positions,
    sumIf(size_usd, status = 'OPEN') AS open_size_usd
FROM latest
