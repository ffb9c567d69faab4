-- Every market of a chain (or one) as it stood at a block, with open interest per side. The newest block of each is
-- found along the key; other columns are read of those only.
WITH
    states AS (
        SELECT *
        FROM market_states
        WHERE chain_id = {chainId:UInt64}
            AND block_number <= {block:UInt64}
            AND ({market:String} = '' OR market = {market:String})
            AND ({venue:String} = '' OR venue = {venue:String})
            AND (venue, market, block_number) IN (
                SELECT venue, market, max(block_number)
                FROM market_states
                WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}
                GROUP BY venue, market
                SETTINGS optimize_aggregation_in_order = 1
            )
        ORDER BY block_number DESC, log_index DESC
        LIMIT 1 BY venue, market
    ),
    sides AS (
        SELECT *
        FROM open_interest
        WHERE chain_id = {chainId:UInt64}
            AND block_number <= {block:UInt64}
            AND (venue, market, is_long, block_number) IN (
                SELECT venue, market, is_long, max(block_number)
                FROM open_interest
                WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}
                GROUP BY venue, market, is_long
                SETTINGS optimize_aggregation_in_order = 1
            )
        ORDER BY block_number DESC, log_index DESC, sub_index DESC
        LIMIT 1 BY venue, market, is_long
    ),
    interest AS (
        SELECT
            venue,
            market,
            maxIf(protocol_usd, is_long) AS long_protocol_usd,
            sumIf(positions_usd, is_long) AS long_positions_usd,
            sumIf(open_positions, is_long) AS long_open_positions,
            maxIf(protocol_usd, NOT is_long) AS short_protocol_usd,
            sumIf(positions_usd, NOT is_long) AS short_positions_usd,
            sumIf(open_positions, NOT is_long) AS short_open_positions,
            argMax(tuple(protocol_skew_base), (block_number, log_index)).1 AS protocol_skew,
            argMax(positions_skew_base, (block_number, log_index)) AS positions_skew
        FROM sides
        GROUP BY venue, market
    )
SELECT
    toString(s.venue) AS market_venue,
    toString(s.market) AS market_address,
    s.index_token AS index_token,
    s.long_token AS long_token,
    s.short_token AS short_token,
    s.pool_amount_long AS pool_amount_long,
    s.pool_amount_short AS pool_amount_short,
    s.block_number AS state_block,
    s.block_timestamp AS state_time,
    i.long_protocol_usd AS long_protocol_usd,
    i.long_positions_usd AS long_positions_usd,
    i.long_open_positions AS long_open_positions,
    i.short_protocol_usd AS short_protocol_usd,
    i.short_positions_usd AS short_positions_usd,
    i.short_open_positions AS short_open_positions,
    i.protocol_skew AS protocol_skew,
    i.positions_skew AS positions_skew
FROM states AS s
LEFT JOIN interest AS i ON i.venue = s.venue AND i.market = s.market
ORDER BY market_venue, market_address
LIMIT {limit:UInt64}
