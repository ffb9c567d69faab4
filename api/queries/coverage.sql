-- Open interest of one market ('' = all of a chain) at a block: protocol counter and sum over our
-- positions, per market and side the newest row at or below the block.
SELECT
    sum(open_count) AS open_positions,
    sum(ours) AS positions_usd,
    sum(theirs) AS protocol_usd
FROM (
    SELECT
        argMax(open_positions, (block_number, log_index, sub_index)) AS open_count,
        argMax(positions_usd, (block_number, log_index, sub_index)) AS ours,
        argMax(protocol_usd, (block_number, log_index, sub_index)) AS theirs
    FROM open_interest
    WHERE chain_id = {chainId:UInt64}
        AND ({market:String} = '' OR market = {market:String})
        AND block_number <= {block:UInt64}
    GROUP BY venue, market, is_long
)
