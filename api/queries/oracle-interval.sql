-- E2: seconds between the block times of one feed's updates (or, per transaction, of any update). Updates of one series
-- in one block are one. An hour of a series is a piece: its intervals, and its ends, between which lie the others. Full
-- hours come counted from oracle_hours, in [wholeFrom, wholeTo), the rest from the updates.
WITH
    ({sample:String} = 'TRANSACTION' AND {groupBy:String} != 'FEED') AS is_any_feed,
    pieces AS (
        SELECT
            venue,
            token,
            of_provider,
            delivery,
            hour_start,
            seconds[1] AS first_second,
            seconds[-1] AS last_second,
            arrayPopFront(arrayDifference(seconds)) AS piece_values,
            arrayWithConstant(length(seconds) - 1, toUInt32(1)) AS piece_counts
        FROM
        (
            SELECT
                if(is_any_feed, '', toString(u.venue)) AS venue,
                if(is_any_feed, '', toString(u.token)) AS token,
                if({groupBy:String} = 'PROVIDER', toString(provider), '') AS of_provider,
                toString(u.delivery) AS delivery,
                intDiv(block_timestamp, 3600) * 3600 AS hour_start,
                arrayMap(
                    packed -> toInt64(bitAnd(packed, 4095)) + toInt64(hour_start),
                    arrayCompact(arraySort(groupArray(
                        bitOr(bitShiftLeft(block_number - {fromBlock:UInt64}, 12), block_timestamp % 3600)
                    )))
                ) AS seconds
            FROM oracle_updates AS u
            WHERE chain_id = {chainId:UInt64}
                AND (empty({venues:Array(String)}) OR (u.venue IN {venues:Array(String)} AND u.token IN {tokens:Array(String)}))
                AND (empty({pairTokens:Array(String)}) OR (u.venue, u.token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
                AND block_number >= {fromBlock:UInt64}
                AND block_number <= {toBlock:UInt64}
                AND block_timestamp >= {fromTime:UInt64}
                AND block_timestamp < {toTime:UInt64}
                AND (block_timestamp < {wholeFrom:UInt64} OR block_timestamp >= {wholeTo:UInt64})
            GROUP BY venue, token, of_provider, delivery, hour_start
        )
        UNION ALL
        SELECT
            toString(venue),
            toString(token),
            '' AS of_provider,
            toString(delivery),
            hour_start,
            toInt64(first_time) AS first_second,
            toInt64(last_time) AS last_second,
            arrayMap(value -> toInt64(value), interval_values) AS piece_values,
            interval_counts AS piece_counts
        FROM oracle_hours
        WHERE chain_id = {chainId:UInt64}
            AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
            AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
            AND hour_start >= {wholeFrom:UInt64}
            AND hour_start < {wholeTo:UInt64}
    ),
    linked AS (
        SELECT
            if({groupBy:String} = 'FEED', toString(venue), '') AS by_venue,
            multiIf({groupBy:String} = 'FEED', toString(token), {groupBy:String} = 'PROVIDER', toString(of_provider), '') AS by_name,
            multiIf(
                {groupBy:String} = 'HOUR', hour_start,
                {groupBy:String} = 'VOL_REGIME', toUInt64(has({stressHours:Array(UInt64)}, hour_start)),
                0
            ) AS by_hour,
            delivery,
            row_number() OVER series > 1 AS has_before,
            first_second - lagInFrame(last_second) OVER series AS link,
            if(has_before, arrayPushFront(piece_values, link), piece_values) AS all_values,
            if(has_before, arrayPushFront(piece_counts, toUInt32(1)), piece_counts) AS all_counts
        FROM pieces
        WINDOW series AS (
            PARTITION BY venue, token, of_provider, delivery
            ORDER BY hour_start ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
    ),
    counted AS (
        SELECT by_venue, by_name, by_hour, delivery, interval_seconds, sum(times) AS total
        FROM linked
        ARRAY JOIN
            all_values AS interval_seconds,
            all_counts AS times
        GROUP BY by_venue, by_name, by_hour, delivery, interval_seconds
    )
SELECT
    by_venue AS group_venue,
    by_name AS group_name,
    by_hour AS group_hour,
    toString(delivery) AS group_delivery,
    groupArray(toFloat64(interval_seconds)) AS sample_values,
    groupArray(toFloat64(total)) AS sample_counts
FROM counted
GROUP BY group_venue, group_name, group_hour, group_delivery
ORDER BY group_venue, group_name, group_hour, group_delivery
LIMIT {limit:UInt64}
