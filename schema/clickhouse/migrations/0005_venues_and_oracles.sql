-- Prices of any oracle: what an integer means, how it came on chain, and what its time is worth.
ALTER TABLE oracle_updates
    -- what is priced, where it is known ('ETH / USD')
    ADD COLUMN IF NOT EXISTS symbol LowCardinality(String) AFTER token,
    -- price = integer / 10^price_decimals per whole unit; null: nobody states it, so there is no price
    ADD COLUMN IF NOT EXISTS price_decimals Nullable(UInt8) AFTER max_price,
    ADD COLUMN IF NOT EXISTS delivery LowCardinality(String) DEFAULT 'PULL' AFTER price_decimals,
    -- the log has a time, but it is the block's own: it says nothing about latency
    ADD COLUMN IF NOT EXISTS time_is_block_time Bool AFTER observation_lag_seconds;

-- Venues count open interest in different ways, or not at all: null where there is no such counter.
-- A venue may count only the skew (long minus short base units), which both sides' rows then bear.
ALTER TABLE open_interest
    MODIFY COLUMN protocol_usd Nullable(Int256),
    MODIFY COLUMN protocol_base Nullable(Int256),
    ADD COLUMN IF NOT EXISTS protocol_skew_base Nullable(Int256) AFTER positions_base,
    ADD COLUMN IF NOT EXISTS positions_skew_base Int256 AFTER protocol_skew_base;
