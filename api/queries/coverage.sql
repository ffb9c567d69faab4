-- Open interest of one market ('' = all of a chain) at a block: sum over our positions, and where the
-- protocol has a counter (per side, or the skew) what it says; per market and side the newest row at
-- or below the block.
SELECT
    sum(open_count) AS open_positions,
    sum(ours) AS positions_usd,
    sumIf(ours, theirs IS NOT NULL) AS counted_positions_usd,
    sum(theirs) AS protocol_usd,
    sumIf(abs(assumeNotNull(skew) - our_skew), skew IS NOT NULL AND is_long_side) AS skew_residual,
    countIf(theirs IS NOT NULL OR skew IS NOT NULL) AS counted_sides,
    count() AS sides
FROM (
    SELECT
        is_long AS is_long_side,
        argMax(open_positions, (block_number, log_index, sub_index)) AS open_count,
        argMax(positions_usd, (block_number, log_index, sub_index)) AS ours,
        argMax(tuple(protocol_usd), (block_number, log_index, sub_index)).1 AS theirs,
        argMax(tuple(protocol_skew_base), (block_number, log_index, sub_index)).1 AS skew,
        argMax(positions_skew_base, (block_number, log_index, sub_index)) AS our_skew
    FROM open_interest
    WHERE chain_id = {chainId:UInt64}
        AND ({venue:String} = '' OR venue = {venue:String})
        AND ({market:String} = '' OR market = {market:String})
        AND block_number <= {block:UInt64}
        AND (venue, market, is_long, block_number) IN (
            SELECT venue, market, is_long, max(block_number)
            FROM open_interest
            WHERE chain_id = {chainId:UInt64}
                AND ({venue:String} = '' OR venue = {venue:String})
                AND ({market:String} = '' OR market = {market:String})
                AND block_number <= {block:UInt64}
            GROUP BY venue, market, is_long
            SETTINGS optimize_aggregation_in_order = 1
        )
    GROUP BY venue, market, is_long
)
