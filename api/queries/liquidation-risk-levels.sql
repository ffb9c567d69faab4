-- What stands at a block by the ledger of levels, a row a position: its newest row, where that gave it a level (of the
-- two rows of one block the one that gave it).
SELECT
    position_key,
    newest.2 AS placement,
    newest.3 AS account,
    newest.4 AS is_long,
    newest.5 AS liquidation_price,
    newest.6 AS level_notional,
    newest.7 AS notional_usd,
    newest.8 AS size_usd
FROM (
    SELECT
        position_key,
        argMax(
            tuple(
                sign,
                toString(placement),
                account,
                is_long,
                liquidation_price,
                level_notional,
                notional_usd,
                size_usd
            ),
            (block_number, sign)
        ) AS newest
    FROM liquidation_levels
    WHERE chain_id = {chainId:UInt64}
        AND venue = {venue:String}
        AND market = {market:String}
        AND block_number <= {block:UInt64}
        AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
    GROUP BY position_key
)
WHERE newest.1 = 1
ORDER BY position_key
LIMIT {limit:UInt64}
