-- A position's margin ratio at each of many times: its state, its market's price and its collateral's price in force.
-- In doubles, without what borrowing has accrued.
WITH
    times AS (SELECT 1 AS k, {fromTime:UInt64} + number * {stepSeconds:UInt64} AS at_time FROM numbers({points:UInt64})),
    states AS (
        SELECT 1 AS k, block_timestamp, status, is_long, toFloat64(size_usd) / 1e30 AS s, toFloat64(size_base) AS q,
            toFloat64(collateral_raw) AS c, collateral_token
        FROM position_states
        WHERE chain_id = {chainId:UInt64} AND position_key = {positionKey:String}
    ),
    index_prices AS (
        SELECT 1 AS k, block_timestamp, toFloat64(min_price) / 1e30 AS price
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64} AND venue = 'gmx-v2' AND token = {indexToken:String}
    ),
    collateral_prices AS (
        SELECT token, block_timestamp, toFloat64(min_price) / 1e30 AS price
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64} AND venue = 'gmx-v2' AND token IN (SELECT DISTINCT collateral_token FROM states)
    )
SELECT
    t.at_time AS at_time,
    (s.c * c.price + if(s.is_long, 1, -1) * (s.q * p.price - s.s) - 0.0005 * s.s) / (s.q * p.price) AS margin_ratio
FROM times AS t
ASOF JOIN states AS s ON t.k = s.k AND t.at_time >= s.block_timestamp
ASOF JOIN index_prices AS p ON t.k = p.k AND t.at_time >= p.block_timestamp
ASOF JOIN collateral_prices AS c ON s.collateral_token = c.token AND t.at_time >= c.block_timestamp
WHERE s.status = 'OPEN'
ORDER BY at_time
