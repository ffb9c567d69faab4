-- E3: how old the newest price of each feed is at every moment: it starts at its delay when a block brings it and grows
-- until the next one comes (or the window ends). Starts and ends, counted by age. An hour of a feed is a piece: what
-- began and ended in it, and its last price, which the next piece ends. Full hours come counted from oracle_hours,
-- in [wholeFrom, wholeTo), the rest from the updates.
WITH
    series AS (
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
            arraySort(groupArray(toInt64(block_timestamp))) AS times,
            arraySort((value, place) -> place, groupArray(assumeNotNull(observation_lag_seconds)), places) AS lags,
            arraySort((value, place) -> place, groupArray(toString(if({groupBy:String} = 'PROVIDER', provider, ''))), places) AS names,
            arrayMap((time, next) -> next > time, times, arrayPushBack(arrayPopFront(times), 0)) AS is_ended
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
            AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
            AND block_number >= {fromBlock:UInt64}
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND (block_timestamp < {wholeFrom:UInt64} OR block_timestamp >= {wholeTo:UInt64})
            AND observation_lag_seconds IS NOT NULL
        GROUP BY venue, token, delivery, hour_start
    ),
    pieces AS (
        SELECT
            toString(venue) AS venue,
            toString(token) AS token,
            toString(delivery) AS delivery,
            hour_start,
            times[1] AS first_second,
            times[-1] AS last_second,
            lags[-1] AS last_lag,
            names[-1] AS last_name,
            -- A price that another one of its block (or second) follows is never the newest for any time.
            arrayFilter((lag, keep) -> keep, lags, is_ended) AS start_ages,
            arrayWithConstant(length(start_ages), toUInt32(1)) AS start_counts,
            arrayFilter((age, keep) -> keep, arrayMap((lag, time, next) -> lag + next - time, lags, times, arrayPushBack(arrayPopFront(times), 0)), is_ended) AS end_ages,
            arrayWithConstant(length(end_ages), toUInt32(1)) AS end_counts,
            arrayFilter((name, keep) -> keep, names, is_ended) AS start_names
        FROM series
        UNION ALL
        SELECT
            toString(venue),
            toString(token),
            toString(delivery),
            hour_start,
            toInt64(first_observed_time) AS first_second,
            toInt64(last_observed_time) AS last_second,
            last_observed_delay AS last_lag,
            '' AS last_name,
            age_start_values AS start_ages,
            age_start_counts AS start_counts,
            age_end_values AS end_ages,
            age_end_counts AS end_counts,
            []::Array(String) AS start_names
        FROM oracle_hours
        WHERE chain_id = {chainId:UInt64}
            AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
            AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
            AND hour_start >= {wholeFrom:UInt64}
            AND hour_start < {wholeTo:UInt64}
            AND notEmpty(delay_values)
    ),
    linked AS (
        SELECT
            venue,
            token,
            delivery,
            hour_start,
            leadInFrame(first_second, 1, toInt64({toTime:UInt64})) OVER feed AS until_second,
            arrayPushBack(start_ages, last_lag) AS all_starts,
            arrayPushBack(start_counts, toUInt32(1)) AS all_start_counts,
            arrayPushBack(end_ages, last_lag + until_second - last_second) AS all_ends,
            arrayPushBack(end_counts, toUInt32(1)) AS all_end_counts,
            arrayPushBack(start_names, last_name) AS all_names
        FROM pieces
        WINDOW feed AS (
            PARTITION BY venue, token, delivery
            ORDER BY hour_start ASC
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        )
    ),
    teeth AS (
        SELECT
            if({groupBy:String} = 'FEED', toString(venue), '') AS by_venue,
            multiIf({groupBy:String} = 'FEED', toString(token), {groupBy:String} = 'PROVIDER', toString(name), '') AS by_name,
            multiIf(
                {groupBy:String} = 'HOUR', hour_start,
                {groupBy:String} = 'VOL_REGIME', toUInt64(has({stressHours:Array(UInt64)}, hour_start)),
                0
            ) AS by_hour,
            delivery,
            is_end,
            age,
            sum(times) AS total
        FROM linked
        ARRAY JOIN
            arrayConcat(all_starts, all_ends) AS age,
            arrayConcat(all_start_counts, all_end_counts) AS times,
            arrayConcat(arrayWithConstant(length(all_starts), false), arrayWithConstant(length(all_ends), true)) AS is_end,
            if(
                {groupBy:String} = 'PROVIDER',
                arrayConcat(all_names, all_names),
                arrayWithConstant(length(all_starts) + length(all_ends), '')
            ) AS name
        GROUP BY by_venue, by_name, by_hour, delivery, is_end, age
    )
SELECT
    by_venue AS group_venue,
    by_name AS group_name,
    by_hour AS group_hour,
    toString(delivery) AS group_delivery,
    groupArrayIf(toFloat64(age), NOT is_end) AS start_values,
    groupArrayIf(toFloat64(total), NOT is_end) AS start_counts,
    groupArrayIf(toFloat64(age), is_end) AS end_values,
    groupArrayIf(toFloat64(total), is_end) AS end_counts
FROM teeth
GROUP BY group_venue, group_name, group_hour, group_delivery
ORDER BY group_venue, group_name, group_hour, group_delivery
LIMIT {limit:UInt64}
