-- How much prices moved in each hour: the realised variance of each feed in the hour (sum of squared moves, as E4 counts
-- them) over its average hour, averaged over the feeds. Full hours come counted from oracle_hours, in
-- [wholeFrom, wholeTo), the rest from the updates.
WITH
    placed AS (
        SELECT
            venue,
            token,
            delivery,
            intDiv(block_timestamp, 3600) * 3600 AS hour_start,
            groupArray(
                bitOr(
                    bitShiftLeft(block_number - {fromBlock:UInt64}, 32),
                    bitOr(bitShiftLeft(toUInt64(log_index), 12), toUInt64(sub_index))
                )
            ) AS places,
            arraySort((value, place) -> place, groupArray(toFloat64(min_price + max_price)), places) AS all_prices,
            arrayMap(place -> bitShiftRight(place, 32), arraySort(places)) AS blocks,
            arrayMap((block, next) -> block != next, blocks, arrayPushBack(arrayPopFront(blocks), 4294967295)) AS is_last,
            arrayFilter((price, keep) -> keep, all_prices, is_last) AS prices
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
            AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
            AND block_number >= {fromBlock:UInt64}
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND (block_timestamp < {wholeFrom:UInt64} OR block_timestamp >= {wholeTo:UInt64})
            AND min_price > 0
        GROUP BY venue, token, delivery, hour_start
    ),
    pieces AS (
        SELECT
            toString(venue) AS venue,
            toString(token) AS token,
            toString(delivery) AS delivery,
            hour_start,
            prices[1] AS opening,
            prices[-1] AS closing,
            -- Whole numbers: the order in which they are added does not matter.
            arraySum(arrayMap(
                (price, before) -> toInt128(pow(round(abs(log(price / before)) * 1e7), 2)),
                arrayPopFront(prices),
                arrayPopBack(prices)
            )) AS squares,
            length(prices) > 1 AS has_moves
        FROM placed
        UNION ALL
        SELECT
            toString(venue),
            toString(token),
            toString(delivery),
            hour_start,
            toFloat64(first_price) AS opening,
            toFloat64(last_price) AS closing,
            arraySum(arrayMap((value, times) -> toInt128(value) * toInt128(value) * times, move_values, move_counts)) AS squares,
            notEmpty(move_values) AS has_moves
        FROM oracle_hours
        WHERE chain_id = {chainId:UInt64}
            AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
            AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
            AND hour_start >= {wholeFrom:UInt64}
            AND hour_start < {wholeTo:UInt64}
            AND first_price > 0
    ),
    hours AS (
        SELECT
            venue,
            token,
            delivery,
            hour_start,
            toFloat64(squares + toInt128(pow(round(abs(log(opening / lagInFrame(closing, 1, opening) OVER feed)) * 1e7), 2))) AS variance,
            has_moves OR row_number() OVER feed > 1 AS is_counted
        FROM pieces
        WINDOW feed AS (
            PARTITION BY venue, token, delivery
            ORDER BY hour_start ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
    ),
    relative AS (
        SELECT hour_start, variance / avg(variance) OVER (PARTITION BY venue, token, delivery) AS share
        FROM hours
        WHERE is_counted
    )
SELECT hour_start, round(avg(share), 9) AS score
FROM relative
WHERE isFinite(share)
GROUP BY hour_start
ORDER BY score DESC, hour_start ASC
