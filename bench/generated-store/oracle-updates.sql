-- One feed: in each block it is posted or not, more often in hours in which more happens.
INSERT INTO oracle_updates
(
    token, symbol, provider, min_price, max_price, price_decimals, delivery, observed_at, observation_lag_seconds,
    time_is_block_time, details, sub_index, block_timestamp, transaction_hash, transaction_index, venue, block_number,
    log_index, chain_id
)
WITH
    /* shape */,
    (SELECT groupArray(activity) FROM (SELECT activity FROM workshop.hours ORDER BY hour)) AS activities,
    (SELECT groupArray(price) FROM (SELECT price FROM workshop.paths WHERE token = {pathToken:UInt8} ORDER BY step)) AS path,
    posted AS (
        SELECT number AS i, time_of(number) AS at_time, at_time - first_second AS at_second
        FROM numbers({blocks:UInt64})
        WHERE intHash64(bitXor(number, {feedSeed:UInt64})) / 18446744073709551616.
            < least(0.98, {share:Float64} * activities[intDiv(toUInt64(number * (year_seconds / {blocks:UInt64})), 3600) + 1])
    ),
    priced AS (
        SELECT
            i,
            at_time,
            at_second,
            intDiv(at_second, {stepSeconds:UInt32}) + 1 AS step,
            (path[step] + (path[step + 1] - path[step]) * (at_second % {stepSeconds:UInt32}) / {stepSeconds:UInt32})
                * (1 + 0.00003 * normal(i, 120 + {noise:UInt8})) AS price,
            {spread:Float64} * (0.5 + draw(i, 200)) AS half_spread,
            draw(i * 64 + {feed:UInt8}, 201) AS chance,
            multiIf(
                chance < 0.0004, -1,
                chance < 0.003, toInt64(20 + floor(pow(draw(i * 64 + {feed:UInt8}, 202), 3) * 280)),
                toInt64(floor(exp({lagLocation:Float64} + {lagSpread:Float64} * normal(i * 64 + {feed:UInt8}, 203))))
            ) AS lag_seconds
        FROM posted
    )
SELECT
    {token:String},
    {symbol:String},
    {provider:String},
    toInt256(round(price * (1 - half_spread) * {scale:Float64})) AS least_price,
    greatest(least_price, toInt256(round(price * (1 + half_spread) * {scale:Float64}))),
    {priceDecimals:UInt8},
    {delivery:String},
    toInt64(at_time) - lag_seconds,
    lag_seconds,
    false,
    if({delivery:String} = 'PUSH', concat('{"roundId":"', toString(i), '"}'), '{}'),
    0,
    at_time,
    hash_text(i, {venue:String}),
    toUInt32({transaction:UInt8}),
    {venue:String},
    number_of(i),
    toUInt32({feed:UInt8}),
    {chainId:UInt64}
FROM priced
