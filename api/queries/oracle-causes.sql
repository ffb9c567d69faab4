-- E4: what made the oracle write, of the feeds of which a rule is known: its threshold was crossed, its heartbeat was
-- due, or neither, by the rules known for the feed at that time.
WITH
    rules AS (
        SELECT rule.1 AS rule_token, groupArray((rule.2, rule.3, rule.4, rule.5)) AS feed_rules
        FROM
        (
            SELECT arrayJoin(arrayZip(
                {ruleTokens:Array(String)},
                {ruleStarts:Array(UInt64)},
                {ruleEnds:Array(UInt64)},
                {ruleThresholds:Array(Float64)},
                {ruleHeartbeats:Array(UInt64)}
            )) AS rule
        )
        GROUP BY rule_token
    ),
    placed AS (
        SELECT
            venue,
            token,
            delivery,
            groupArray(
                bitOr(
                    bitShiftLeft(block_number - {fromBlock:UInt64}, 32),
                    bitOr(bitShiftLeft(toUInt64(log_index), 12), toUInt64(sub_index))
                )
            ) AS places,
            arraySort((value, place) -> place, groupArray(block_timestamp), places) AS all_times,
            arraySort((value, place) -> place, groupArray(toFloat64(min_price + max_price)), places) AS all_prices,
            arraySort((value, place) -> place, groupArray(toString(if({groupBy:String} = 'PROVIDER', provider, ''))), places) AS all_names,
            arrayMap(place -> bitShiftRight(place, 32), arraySort(places)) AS blocks,
            arrayMap((block, next) -> block != next, blocks, arrayPushBack(arrayPopFront(blocks), 4294967295)) AS is_last
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND (empty({venues:Array(String)}) OR (venue IN {venues:Array(String)} AND token IN {tokens:Array(String)}))
            AND (empty({pairTokens:Array(String)}) OR (venue, token) IN arrayZip({pairVenues:Array(String)}, {pairTokens:Array(String)}))
            AND block_number >= {fromBlock:UInt64}
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND venue = {ruleVenue:String}
            AND token IN {ruleTokens:Array(String)}
            AND min_price > 0
        GROUP BY venue, token, delivery
    ),
    series AS (
        SELECT
            venue,
            toString(token) AS token,
            delivery,
            arrayFilter((value, keep) -> keep, all_times, is_last) AS times,
            arrayFilter((value, keep) -> keep, all_prices, is_last) AS prices,
            arrayFilter((value, keep) -> keep, all_names, is_last) AS names
        FROM placed
    ),
    moves AS (
        SELECT
            venue,
            token,
            delivery,
            feed_rules,
            name,
            time,
            time - previous_time AS interval_seconds,
            price / previous_price AS ratio,
            arrayFirst(rule -> time >= rule.1 AND time < rule.2, feed_rules) AS rule
        FROM series AS s
        LEFT JOIN rules AS r ON r.rule_token = s.token
        ARRAY JOIN
            arrayPopFront(times) AS time,
            arrayPopBack(times) AS previous_time,
            arrayPopFront(prices) AS price,
            arrayPopBack(prices) AS previous_price,
            arrayPopFront(names) AS name
    ),
    counted AS (
        SELECT
            if({groupBy:String} = 'FEED', toString(venue), '') AS by_venue,
            multiIf({groupBy:String} = 'FEED', toString(token), {groupBy:String} = 'PROVIDER', toString(name), '') AS by_name,
            multiIf(
                {groupBy:String} = 'HOUR', intDiv(time, 3600) * 3600,
                {groupBy:String} = 'VOL_REGIME', toUInt64(has({stressHours:Array(UInt64)}, intDiv(time, 3600) * 3600)),
                0
            ) AS by_hour,
            delivery,
            -- The threshold of a node is on the relative change; a rule that ends at 0 is no rule.
            multiIf(
                rule.2 = 0, 'UNKNOWN',
                abs(ratio - 1) >= rule.3, 'DEVIATION',
                interval_seconds >= rule.4, 'HEARTBEAT',
                'OTHER'
            ) AS cause,
            count() AS times
        FROM moves
        GROUP BY by_venue, by_name, by_hour, delivery, cause
    )
SELECT
    by_venue AS group_venue,
    by_name AS group_name,
    by_hour AS group_hour,
    toString(delivery) AS group_delivery,
    sumMap(map(cause, times)) AS causes
FROM counted
GROUP BY group_venue, group_name, group_hour, group_delivery
ORDER BY group_venue, group_name, group_hour, group_delivery
LIMIT {limit:UInt64}
