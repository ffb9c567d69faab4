-- Rows of each table up to a block, and what they amount to.
WITH latest AS (
    SELECT
        argMax(account, toUInt128(block_number) * 281474976710656 + log_index * 65536 + sub_index) AS last_account,
        argMax(status, toUInt128(block_number) * 281474976710656 + log_index * 65536 + sub_index) AS last_status
    FROM position_states
    WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}
    GROUP BY venue, position_key
)
SELECT
    (SELECT count() FROM blocks WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}) AS blocks,
    (SELECT count() FROM raw_logs WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}) AS raw_logs,
    (SELECT count() FROM position_events WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}) AS position_events,
    (SELECT count() FROM market_events WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}) AS market_events,
    (SELECT count() FROM oracle_updates WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}) AS oracle_updates,
    (SELECT count() FROM dead_letters WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}) AS dead_letters,
    (SELECT count() FROM liquidations WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64} AND cause = 'LIQUIDATION') AS liquidation_count,
    (SELECT count() FROM liquidations WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64} AND cause = 'ADL') AS adl_count,
    (SELECT count() FROM latest) AS positions,
    (SELECT countIf(last_status = 'OPEN') FROM latest) AS open_positions,
    (SELECT uniqExact(last_account) FROM latest) AS accounts,
    (SELECT uniqExact(venue, market) FROM market_states WHERE chain_id = {chainId:UInt64} AND block_number <= {block:UInt64}) AS markets
