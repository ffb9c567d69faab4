-- E5: ln(price of A / price of B) after each block that changed either, each at its last price, in units
-- of 1e-7, counted. A pair of which one price is older than the bound says nothing, and is counted apart.
WITH
    ticks AS (
        SELECT
            block_number,
            any(block_timestamp) AS time,
            maxIf(block_timestamp, venue = {venueA:String} AND token = {tokenA:String}) AS changed_a,
            maxIf(block_timestamp, venue = {venueB:String} AND token = {tokenB:String}) AS changed_b,
            argMaxIf(price, (log_index, sub_index), venue = {venueA:String} AND token = {tokenA:String}) AS last_a,
            argMaxIf(price, (log_index, sub_index), venue = {venueB:String} AND token = {tokenB:String}) AS last_b
        FROM
        (
            SELECT
                block_number,
                block_timestamp,
                log_index,
                sub_index,
                venue,
                token,
                toFloat64(min_price + max_price) / pow(10, assumeNotNull(price_decimals)) AS price
            FROM oracle_updates
            WHERE chain_id = {chainId:UInt64}
                AND block_number >= {fromBlock:UInt64}
                AND block_number <= {toBlock:UInt64}
                AND block_timestamp >= {fromTime:UInt64}
                AND block_timestamp < {toTime:UInt64}
                AND token IN ({tokenA:String}, {tokenB:String})
                AND venue IN ({venueA:String}, {venueB:String})
                AND min_price > 0
                AND price_decimals IS NOT NULL
        )
        GROUP BY block_number
        HAVING changed_a > 0 OR changed_b > 0
    ),
    -- An aggregate passes over nulls: the last price that there was.
    aligned AS (
        SELECT
            block_number,
            time,
            anyLast(if(changed_a > 0, toNullable(last_a), NULL)) OVER so_far AS price_a,
            anyLast(if(changed_b > 0, toNullable(last_b), NULL)) OVER so_far AS price_b,
            time - max(changed_a) OVER so_far AS age_a,
            time - max(changed_b) OVER so_far AS age_b
        FROM ticks
        WINDOW so_far AS (ORDER BY block_number ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    compared AS (
        SELECT
            block_number,
            time,
            price_a IS NOT NULL AND price_b IS NOT NULL AND age_a <= {maxAge:UInt64} AND age_b <= {maxAge:UInt64} AS is_fresh,
            if(is_fresh, toInt64(round(log(assumeNotNull(price_a) / assumeNotNull(price_b)) * 1e7)), 0) AS quanta
        FROM aligned
    )
SELECT
    sumMapIf(map(quanta, toUInt64(1)), is_fresh) AS distribution,
    countIf(NOT is_fresh) AS stale_count,
    argMaxIf(block_number, (abs(quanta), -toInt64(block_number)), is_fresh) AS worst_block,
    argMaxIf(time, (abs(quanta), -toInt64(block_number)), is_fresh) AS worst_time,
    argMaxIf(quanta, (abs(quanta), -toInt64(block_number)), is_fresh) AS worst_quanta
FROM compared
