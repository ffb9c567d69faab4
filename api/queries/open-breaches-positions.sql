-- The positions of one market that are open at a block, each with its state then.
SELECT
    position_key,
    life,
    account,
    is_long,
    state
FROM (
    SELECT *
    FROM position_states
    WHERE chain_id = {chainId:UInt64}
        AND venue = {venue:String}
        AND market = {market:String}
        AND block_number <= {block:UInt64}
    ORDER BY position_key DESC, block_number DESC, log_index DESC, sub_index DESC
    LIMIT 1 BY position_key
)
WHERE status = 'OPEN'
ORDER BY position_key
LIMIT {limit:UInt64}
