-- Open states of one market that hold somewhere in [fromBlock, toBlock], with the block that ends
-- each (the sentinel 2^53 − 1 means: still holds). A state replaced inside its own block never held.
WITH states AS (
    SELECT
        *,
        leadInFrame(block_number, 1, toUInt64(9007199254740991)) OVER (
            PARTITION BY venue, position_key
            ORDER BY block_number ASC, log_index ASC, sub_index ASC
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS until_block
    FROM position_states
    WHERE chain_id = {chainId:UInt64}
        AND venue = {venue:String}
        AND market = {market:String}
        AND block_number <= {toBlock:UInt64}
)
SELECT
    position_key,
    account,
    collateral_token,
    is_long,
    size_usd,
    size_base,
    collateral_raw,
    opened_at,
    state,
    block_number,
    until_block
FROM states
WHERE status = 'OPEN' AND until_block > {fromBlock:UInt64} AND until_block > block_number
ORDER BY position_key, block_number
