-- Positions of one market that are open at a block, each with its newest state: no more is held than one of each.
SELECT
    position_key,
    newest.1 AS life,
    newest.2 AS account,
    newest.3 AS is_long,
    newest.4 AS size_usd,
    newest.5 AS size_base,
    newest.6 AS state
FROM (
    SELECT
        position_key,
        argMax(
            tuple(life, account, is_long, size_usd, size_base, state, status),
            tuple(block_number, log_index, sub_index)
        ) AS newest
    FROM position_states
    WHERE chain_id = {chainId:UInt64}
        AND venue = {venue:String}
        AND market = {market:String}
        AND block_number <= {block:UInt64}
    GROUP BY position_key
)
WHERE newest.7 = 'OPEN' AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
ORDER BY position_key
LIMIT {limit:UInt64}
