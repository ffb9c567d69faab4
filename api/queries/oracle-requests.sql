-- E10: orders that were executed at once, that is without waiting for a price: seconds from request to
-- execution and from request to the oldest price used, counted, with the bounds of the contract in force.
-- GMX V2: request <= every price <= request + requestExpirationTime. Synthetix V2, off chain: request +
-- minAge < price, execution < request + maxAge.
WITH
    executed AS (
        SELECT
            venue AS of_venue,
            order_key AS of_order,
            block_number AS at_block,
            block_timestamp AS executed_at,
            transaction_hash AS at_transaction,
            secondary_order_type AS cause_type,
            bitOr(bitShiftLeft(block_number, 24), toUInt64(log_index)) AS place
        FROM order_events
        WHERE chain_id = {chainId:UInt64}
            AND block_number >= {fromBlock:UInt64}
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND type = 'OrderExecuted'
    ),
    requested AS (
        SELECT
            venue,
            order_key,
            market AS of_market,
            order_type AS of_type,
            assumeNotNull(requested_at) AS requested_seconds,
            bitOr(bitShiftLeft(block_number, 24), toUInt64(log_index)) AS request_place
        FROM order_events
        WHERE chain_id = {chainId:UInt64}
            AND block_number <= {toBlock:UInt64}
            AND type = 'OrderCreated'
            AND requested_at IS NOT NULL
            AND order_key IN (SELECT of_order FROM executed)
    ),
    orders AS (
        SELECT
            of_venue,
            of_order,
            of_market,
            at_block,
            at_transaction,
            toInt64(executed_at) - toInt64(requested_seconds) AS execution_delay,
            toInt64(requested_seconds) AS requested_time,
            multiIf(
                of_venue = 'gmx-v2' AND of_type IN (0, 2, 4) AND ifNull(cause_type, 0) = 0, 'MARKET',
                of_venue = 'synthetix-v2' AND of_type = 1, 'DELAYED',
                of_venue = 'synthetix-v2' AND of_type = 2, 'OFFCHAIN',
                ''
            ) AS kind
        FROM executed AS e
        ASOF INNER JOIN requested AS r
            ON e.of_venue = r.venue AND e.of_order = r.order_key AND e.place >= r.request_place
        WHERE kind != '' AND (empty({market:String}) OR (of_market = {market:String} AND of_venue = {marketVenue:String}))
    ),
    prices AS (
        SELECT
            transaction_hash,
            min(observed_at) AS oldest,
            max(observed_at) AS newest
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND block_number >= {fromBlock:UInt64}
            AND block_number <= {toBlock:UInt64}
            AND block_number IN (SELECT at_block FROM orders)
            AND observed_at IS NOT NULL
        GROUP BY transaction_hash
    ),
    bounds AS (
        SELECT venue, market, name, block_number, toInt64(argMax(assumeNotNull(value), (log_index, sub_index))) AS seconds
        FROM parameter_changes
        WHERE chain_id = {chainId:UInt64}
            AND block_number <= {toBlock:UInt64}
            AND name IN ('requestExpirationTime', 'offchainDelayedOrderMinAge', 'offchainDelayedOrderMaxAge')
            AND value IS NOT NULL
            AND source != 'SNAPSHOT'
        GROUP BY venue, market, name, block_number
    ),
    -- A transaction without prices joins to nulls: `observed_at` is nullable.
    timed AS (
        SELECT
            o.*,
            p.oldest - requested_time AS oldest_delay,
            p.newest - requested_time AS newest_delay,
            if(of_venue = 'gmx-v2', '', of_market) AS bound_market,
            if(of_venue = 'gmx-v2', 'requestExpirationTime', 'offchainDelayedOrderMaxAge') AS upper_name
        FROM orders AS o
        LEFT JOIN prices AS p ON p.transaction_hash = o.at_transaction
    ),
    bounded AS (
        SELECT
            t.*,
            u.seconds AS upper_seconds,
            u.venue != '' AS has_upper,
            l.seconds AS lower_seconds,
            l.venue != '' AS has_lower
        FROM timed AS t
        ASOF LEFT JOIN bounds AS u
            ON u.venue = t.of_venue AND u.market = t.bound_market AND u.name = t.upper_name AND t.at_block >= u.block_number
        ASOF LEFT JOIN (SELECT * FROM bounds WHERE name = 'offchainDelayedOrderMinAge') AS l
            ON l.venue = t.of_venue AND l.market = t.bound_market AND t.at_block >= l.block_number
    ),
    judged AS (
        SELECT
            *,
            multiIf(
                kind = 'MARKET', has_upper AND oldest_delay IS NOT NULL,
                kind = 'OFFCHAIN', has_upper AND has_lower,
                false
            ) AS is_checked,
            multiIf(
                NOT is_checked, false,
                kind = 'MARKET', assumeNotNull(oldest_delay) < 0 OR assumeNotNull(newest_delay) > upper_seconds,
                execution_delay >= upper_seconds OR ifNull(oldest_delay <= lower_seconds, false)
            ) AS is_violation
        FROM bounded
    )
SELECT
    toString(of_venue) AS group_venue,
    kind AS group_kind,
    count() AS executed_count,
    sumMap(map(execution_delay, toUInt64(1))) AS execution_delays,
    sumMapIf(map(assumeNotNull(oldest_delay), toUInt64(1)), oldest_delay IS NOT NULL) AS price_delays,
    countIf(is_checked) AS bound_checked,
    countIf(is_violation) AS bound_violations,
    arraySlice(arraySort(groupArrayIf((at_block, at_transaction, of_order), is_violation)), 1, 20) AS first_violations
FROM judged
GROUP BY group_venue, group_kind
ORDER BY group_venue, group_kind
