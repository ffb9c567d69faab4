-- The ledger of levels of one market. A state holds the level of its event (step 0), and then those to which borrowing
-- has moved it: a new one at the first full hour behind each border of a cell. Each is taken back where the next begins.
INSERT INTO liquidation_levels
(
    sign, cause, placement, position_key, life, account, market, collateral_token, is_long, cell, liquidation_price,
    level_notional, notional_usd, collateral_usd, size_usd, size_base, opened_at, sub_index, block_timestamp,
    transaction_hash, transaction_index, venue, block_number, log_index, chain_id
)
WITH
    /* shape */,
    /* amounts */,
    (SELECT groupArray(price) FROM (SELECT price FROM workshop.paths WHERE token = {market:UInt8} ORDER BY step)) AS path,
    at -> path[intDiv(at - first_second, {stepSeconds:UInt32}) + 1] AS price_at,
    log(1.0005) AS cell_width,
    stated AS (
        SELECT
            *,
            time_of(i) AS from_time,
            if(next_i = 0, {blocks:UInt64}, next_i) AS end_i,
            toInt32(floor(log(greatest(level, 1e-12)) / cell_width)) AS first_cell,
            if(is_long, 1, -1) AS direction,
            if(level = 0 OR creep = 0, 0, toUInt32(abs(creep) * (time_of(end_i) - from_time) / 3600 / level / 0.0005) + 1) AS most_steps,
            -- First block at or after the full hour behind the border of the n-th cell further on.
            arrayFilter(
                at -> at.1 > i AND at.1 < end_i,
                arrayMap(
                    n -> (
                        toUInt64(ceil(ceil((from_time - first_second) / 3600
                            + (exp(cell_width * (first_cell + if(is_long, toInt32(n), 1 - toInt32(n)))) - level) / creep)
                            * 3600 * ({blocks:UInt64} / year_seconds))),
                        n
                    ),
                    range(1, most_steps + 1)
                )
            ) AS moves,
            arrayPushFront(moves, (i, 0)) AS begins
        FROM workshop.placed
        WHERE market = {market:UInt8} AND size_cents > 0
    ),
    stands AS (
        SELECT
            * EXCEPT (moves),
            at.1 AS begin_i,
            n = length(begins) AS is_last,
            if(is_last, next_i, begins[n + 1].1) AS stop_i,
            if(at.2 = 0, level, level + creep * (time_of(begin_i) - from_time) / 3600) AS level_now,
            multiIf(at.2 > 0, 'DRIFT', cause = 'OPEN', 'CREATED', 'MOVED') AS begin_cause,
            multiIf(NOT is_last, 'DRIFT', next_cause = 'CLOSE', 'CLOSED', next_cause = 'LIQUIDATION', 'LIQUIDATED', 'MOVED') AS stop_cause,
            if(at.2 > 0, 0, log_index) AS begin_log,
            if(is_last, next_log_index, 0) AS stop_log
        FROM stated
        ARRAY JOIN begins AS at, arrayEnumerate(begins) AS n
    ),
    signed AS (
        SELECT
            *,
            row.1 AS row_sign, row.2 AS row_cause, row.3 AS row_i, row.4 AS row_log
        FROM stands
        ARRAY JOIN if(stop_i = 0,
            [(toInt8(1), begin_cause, begin_i, begin_log)],
            [(toInt8(1), begin_cause, begin_i, begin_log), (toInt8(-1), stop_cause, stop_i, stop_log)]) AS row
    ),
    price_at(time_of(begin_i)) AS price_then,
    price_integer(level_now) AS level_integer
SELECT
    row_sign,
    row_cause,
    if(level = 0, 'NONE', 'LEVEL'),
    key_text,
    life,
    account_text,
    {marketToken:String},
    collateral_token,
    is_long,
    if(level = 0, 0, toInt32(floor(log(greatest(level_now, 1e-12)) / cell_width))),
    level_integer,
    base(base_units) * level_integer,
    base(base_units) * price_integer(price_then),
    own_collateral(collateral_units) * if(is_token_collateral, price_integer(price_then), toInt256('1000000000000000000000000')),
    usd(size_cents),
    base(base_units),
    time_of(opened_i),
    0,
    time_of(row_i),
    if(row_cause = 'DRIFT', '', hash_text(row_i * 4096 + row_log, 'transaction')),
    if(row_cause = 'DRIFT', 0, toUInt32(1 + intDiv(row_log, 40))),
    'gmx-v2',
    number_of(row_i),
    row_log,
    {chainId:UInt64}
FROM signed
