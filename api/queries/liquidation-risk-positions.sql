-- Positions of one market that are open at a block: the newest state of each.
SELECT
    position_key,
    account,
    is_long,
    size_usd,
    size_base,
    state
FROM (
    SELECT
        position_key,
        account,
        is_long,
        status,
        size_usd,
        size_base,
        state
    FROM position_states
    WHERE chain_id = {chainId:UInt64}
        AND venue = {venue:String}
        AND market = {market:String}
        AND block_number <= {block:UInt64}
    ORDER BY position_key ASC, block_number DESC, log_index DESC, sub_index DESC
    LIMIT 1 BY position_key
)
WHERE status = 'OPEN' AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
ORDER BY position_key
LIMIT {limit:UInt64}
