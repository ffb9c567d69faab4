-- Where the generator keeps what it has worked out. Dropped at the end.
DROP DATABASE IF EXISTS workshop SYNC;
CREATE DATABASE workshop ENGINE = Atomic;
CREATE TABLE workshop.steps (step String, seconds Float64, seed UInt32, scale Float64) ENGINE = MergeTree ORDER BY step;
CREATE TABLE workshop.hours (hour UInt16, speed Float64, activity Float64) ENGINE = MergeTree ORDER BY hour;
CREATE TABLE workshop.paths (token UInt8, step UInt32, price Float64) ENGINE = MergeTree ORDER BY (token, step);
CREATE TABLE workshop.lives
(
    market UInt8, is_long Bool, is_token_collateral Bool, position UInt32, life UInt32, account UInt32, events UInt16,
    opened_i UInt64, length UInt64, first_size Float64, leverage Float64
)
ENGINE = MergeTree ORDER BY (market, is_long, position, life);
CREATE TABLE workshop.events
(
    market UInt8, is_long Bool, is_token_collateral Bool, position UInt32, life UInt32, account UInt32, opened_i UInt64,
    k UInt16, cause LowCardinality(String), i UInt64, price Float64, size_cents Int64, base_units Int64,
    collateral_units Int64, level Float64, creep Float64
)
ENGINE = MergeTree ORDER BY (market, is_long, position, life, k);
CREATE TABLE workshop.placed
(
    market UInt8, is_long Bool, is_token_collateral Bool, position UInt32, life UInt32, account UInt32, opened_i UInt64,
    k UInt16, cause LowCardinality(String), i UInt64, price Float64, size_cents Int64, base_units Int64,
    collateral_units Int64, level Float64, creep Float64, log_index UInt32, size_before Int64, base_before Int64,
    collateral_before Int64, next_i UInt64, next_log_index UInt32, next_cause LowCardinality(String)
)
ENGINE = MergeTree ORDER BY (market, is_long, position, life, k)
