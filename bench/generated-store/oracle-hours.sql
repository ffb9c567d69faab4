-- One feed's updates counted by hour, as indexer/projections/oracle-feed-hour.ts counts them. Every update of a feed has a
-- block of its own, a price and an observation.
INSERT INTO oracle_hours
(
    token, delivery, hour_start, updates, first_time, last_time, interval_values, interval_counts, delay_values,
    delay_counts, first_observed_time, last_observed_time, last_observed_delay, age_start_values, age_start_counts,
    age_end_values, age_end_counts, first_price, last_price, move_values, move_counts, spread_values, spread_counts,
    confidence_values, confidence_counts, sub_index, block_timestamp, transaction_hash, transaction_index, venue,
    block_number, log_index, chain_id
)
WITH
    -- Of sorted numbers: where each run of equals begins, and how long it is.
    sorted -> arrayFilter(
        (n, value, before) -> n = 1 OR value != before,
        arrayEnumerate(sorted), sorted, arraySlice(arrayPushFront(sorted, sorted[1]), 1, length(sorted))
    ) AS begins,
    sorted -> arrayMap(
        (a, b) -> toUInt32(b - a),
        begins(sorted),
        arraySlice(arrayPushBack(arrayPopFront(begins(sorted)), length(sorted) + 1), 1, length(begins(sorted)))
    ) AS counts,
    hour_ends AS (
        SELECT 1 AS k, min(block_number) AS end_block, min(block_timestamp) AS end_time
        FROM blocks
        GROUP BY intDiv(block_timestamp, 3600)
    ),
    collected AS (
        SELECT
            1 AS k,
            intDiv(block_timestamp, 3600) * 3600 AS hour,
            hour + 3600 AS next_hour,
            arraySort(groupArray((
                block_number,
                block_timestamp,
                assumeNotNull(observation_lag_seconds),
                min_price + max_price,
                toInt64(round(2 * toFloat64(max_price - min_price) / toFloat64(min_price + max_price) * 1e7))
            ))) AS posts,
            posts.2 AS times,
            posts.3 AS delays,
            posts.4 AS sums,
            arrayPopFront(times) AS later_times,
            arrayPopBack(times) AS earlier_times,
            arrayPopBack(delays) AS earlier_delays,
            arraySort(arrayMap((a, b) -> toUInt32(b - a), earlier_times, later_times)) AS intervals,
            arraySort(delays) AS sorted_delays,
            arraySort(arrayFilter((delay, a, b) -> b > a, earlier_delays, earlier_times, later_times)) AS age_starts,
            arraySort(arrayMap(
                (delay, a, b) -> delay + toInt64(b) - toInt64(a),
                arrayFilter((delay, a, b) -> b > a, earlier_delays, earlier_times, later_times),
                arrayFilter((a, b) -> b > a, earlier_times, later_times),
                arrayFilter((b, a) -> b > a, later_times, earlier_times)
            )) AS age_ends,
            arraySort(arrayMap(
                (a, b) -> toUInt64(round(abs(log(toFloat64(b) / toFloat64(a))) * 1e7)), arrayPopBack(sums), arrayPopFront(sums)
            )) AS moves,
            arraySort(posts.5) AS spreads
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64} AND venue = {venue:String} AND token = {token:String}
        GROUP BY hour
    )
SELECT
    {token:String},
    {delivery:String},
    hour,
    length(times),
    times[1],
    times[-1],
    arrayCompact(intervals),
    counts(intervals),
    arrayCompact(sorted_delays),
    counts(sorted_delays),
    times[1],
    times[-1],
    delays[-1],
    arrayCompact(age_starts),
    counts(age_starts),
    arrayCompact(age_ends),
    counts(age_ends),
    sums[1],
    sums[-1],
    arrayCompact(moves),
    counts(moves),
    arrayCompact(spreads),
    counts(spreads),
    [],
    [],
    0,
    e.end_time,
    '',
    0,
    {venue:String},
    e.end_block,
    0,
    {chainId:UInt64}
FROM collected AS c
ASOF JOIN hour_ends AS e ON c.k = e.k AND c.next_hour <= e.end_time
