-- E4: size of the move that each update of a feed made, |ln(p / previous p)| of the middle price in units of 1e-7, counted.
-- Of several prices in one block the last one holds. An hour of a feed is a piece: its moves, and its first and last price,
-- between which lie the others. Full hours come counted from oracle_hours, in [wholeFrom, wholeTo), the rest
-- from the updates.
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
            arraySort((value, place) -> place, groupArray(toString(if({groupBy:String} = 'PROVIDER', provider, ''))), places) AS all_names,
            arrayMap(place -> bitShiftRight(place, 32), arraySort(places)) AS blocks,
            arrayMap((block, next) -> block != next, blocks, arrayPushBack(arrayPopFront(blocks), 4294967295)) AS is_last,
            arrayFilter((price, keep) -> keep, all_prices, is_last) AS prices,
            arrayFilter((name, keep) -> keep, all_names, is_last) AS names
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
            names[1] AS first_name,
            arrayMap(
                (price, before) -> toInt64(round(abs(log(price / before)) * 1e7)),
                arrayPopFront(prices),
                arrayPopBack(prices)
            ) AS piece_values,
            arrayWithConstant(length(prices) - 1, toUInt32(1)) AS piece_counts,
            arrayPopFront(names) AS piece_names
        FROM placed
        UNION ALL
        SELECT
            toString(venue),
            toString(token),
            toString(delivery),
            hour_start,
            toFloat64(first_price) AS opening,
            toFloat64(last_price) AS closing,
            '' AS first_name,
            -- What is within full hours is counted apart: it need not pass through the links.
            []::Array(Int64) AS piece_values,
            []::Array(UInt32) AS piece_counts,
            []::Array(String) AS piece_names
        FROM oracle_hours
        WHERE chain_id = {chainId:UInt64}
            AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
            AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
            AND hour_start >= {wholeFrom:UInt64}
            AND hour_start < {wholeTo:UInt64}
            AND first_price > 0
    ),
    linked AS (
        SELECT
            venue,
            token,
            delivery,
            hour_start,
            row_number() OVER feed > 1 AS has_before,
            toInt64(round(abs(log(opening / lagInFrame(closing, 1, opening) OVER feed)) * 1e7)) AS link,
            if(has_before, arrayPushFront(piece_values, link), piece_values) AS all_values,
            if(has_before, arrayPushFront(piece_counts, toUInt32(1)), piece_counts) AS all_counts,
            if(has_before, arrayPushFront(piece_names, first_name), piece_names) AS all_names
        FROM pieces
        WINDOW feed AS (
            PARTITION BY venue, token, delivery
            ORDER BY hour_start ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
    ),
    counted AS (
        SELECT by_venue, by_name, by_hour, delivery, quanta, sum(times) AS total
        FROM
        (
            SELECT
                if({groupBy:String} = 'FEED', toString(venue), '') AS by_venue,
                multiIf({groupBy:String} = 'FEED', toString(token), {groupBy:String} = 'PROVIDER', toString(name), '') AS by_name,
                multiIf(
                    {groupBy:String} = 'HOUR', hour_start,
                    {groupBy:String} = 'VOL_REGIME', toUInt64(has({stressHours:Array(UInt64)}, hour_start)),
                    0
                ) AS by_hour,
                delivery,
                quanta,
                toUInt64(piece_times) AS times
            FROM linked
            ARRAY JOIN
                all_values AS quanta,
                all_counts AS piece_times,
                if({groupBy:String} = 'PROVIDER', all_names, arrayWithConstant(length(all_values), '')) AS name
            UNION ALL
            SELECT
                if({groupBy:String} = 'FEED', toString(venue), '') AS by_venue,
                if({groupBy:String} = 'FEED', toString(token), '') AS by_name,
                multiIf(
                    {groupBy:String} = 'HOUR', hour_start,
                    {groupBy:String} = 'VOL_REGIME', toUInt64(has({stressHours:Array(UInt64)}, hour_start)),
                    0
                ) AS by_hour,
                toString(delivery) AS delivery,
                toInt64(move) AS quanta,
                sum(move_times) AS times
            FROM
            (
                SELECT venue, token, delivery, hour_start, move_values, move_counts
                FROM oracle_hours
                WHERE chain_id = {chainId:UInt64}
                    AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
                    AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
                    AND hour_start >= {wholeFrom:UInt64}
                    AND hour_start < {wholeTo:UInt64}
            )
            ARRAY JOIN
                move_values AS move,
                move_counts AS move_times
            GROUP BY by_venue, by_name, by_hour, delivery, quanta
        )
        GROUP BY by_venue, by_name, by_hour, delivery, quanta
    ),
    -- Of each group only the values around the ranks that percentiles and their intervals are read at: ranks of a
    -- binomial distribution, never 3 σ + 3 from its mean.
    sorted AS (
        SELECT
            by_venue,
            by_name,
            by_hour,
            delivery,
            arraySort(groupArray((quanta, total))) AS steps,
            arrayMap(step -> toFloat64(step.1), steps) AS sorted_values,
            arrayMap(step -> toFloat64(step.2), steps) AS counts,
            arrayCumSum(counts) AS up_to,
            up_to[-1] AS n,
            arrayFilter(p -> n * (1 - p) >= 9.999, [0.5, 0.9, 0.95, 0.99, 0.999]) AS levels,
            arrayMap(p -> (n * p - 3 * sqrt(n * p * (1 - p)) - 3, n * p + 3 * sqrt(n * p * (1 - p)) + 3), levels) AS windows,
            arrayMap(
                (rank, times) -> arrayExists(w -> rank >= w.1 AND rank - times <= w.2, windows),
                up_to,
                counts
            ) AS is_kept
        FROM counted
        GROUP BY by_venue, by_name, by_hour, delivery
    )
SELECT
    by_venue AS group_venue,
    by_name AS group_name,
    by_hour AS group_hour,
    toString(delivery) AS group_delivery,
    n AS sample_size,
    arraySum(arrayMap((value, times) -> value * times, sorted_values, counts)) AS sample_sum,
    arraySum(arrayMap((value, times) -> if(value < 0, times, 0), sorted_values, counts)) AS below_zero,
    sorted_values[-1] AS largest,
    arrayFilter((value, keep) -> keep, sorted_values, is_kept) AS kept_values,
    arrayFilter((rank, keep) -> keep, up_to, is_kept) AS kept_ranks
FROM sorted
ORDER BY group_venue, group_name, group_hour, group_delivery
LIMIT {limit:UInt64}
