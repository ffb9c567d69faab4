-- How the margins of one market's open positions are spread at each full hour, in doubles; quantiles by t-digest. Of large
-- stores by one position in `every`, which then stands for so many.
INSERT INTO margin_spreads
(
    market, side, spread, sub_index, block_timestamp, transaction_hash, transaction_index, venue, block_number, log_index,
    chain_id
)
WITH
    /* shape */,
    /* amounts */,
    (SELECT groupArray(price) FROM (SELECT price FROM workshop.paths WHERE token = {market:UInt8} ORDER BY step)) AS path,
    hour -> toUInt64(ceil(hour * 3600 * ({blocks:UInt64} / year_seconds))) AS block_of_hour,
    standing AS (
        SELECT
            position, is_long, is_token_collateral, level,
            size_cents / 100 AS s,
            base_units / {fine:Float64} AS q,
            collateral_units / if(is_token_collateral, {fine:Float64}, 1000000) AS c,
            (time_of(i) - first_second) / 3600 AS from_hour,
            toUInt32(arrayJoin(range(
                toUInt32(floor(i * year_seconds / {blocks:UInt64} / 3600)) + 1,
                toUInt32(floor(if(next_i = 0, {blocks:UInt64} - 1, next_i - 1) * year_seconds / {blocks:UInt64} / 3600)) + 1
            ))) AS hour
        FROM workshop.placed
        WHERE market = {market:UInt8} AND size_cents > 0 AND position % {every:UInt32} = 0
    ),
    judged AS (
        SELECT
            position, is_long, hour, level,
            path[intDiv(hour * 3600, {stepSeconds:UInt32}) + 1] AS price,
            q * price AS notional,
            c * if(is_token_collateral, price, 1) + if(is_long, 1, -1) * (notional - s)
                - s * (0.0005 + (hour - from_hour) * if(is_long, {borrowLongPerHour:Float64}, {borrowShortPerHour:Float64})) AS equity,
            equity / notional AS margin_ratio,
            equity / greatest(1, 0.01 * s) AS health,
            toUInt64(round(notional * 100)) AS cents
        FROM standing
    ),
    spread AS (
        SELECT
            hour,
            multiIf(grouping(is_long) = 1, '', is_long, 'LONG', 'SHORT') AS side,
            count() AS positions,
            sum(cents) AS total_cents,
            [countIf(health < 1), countIf(health < 1.1), countIf(health < 1.25), countIf(health < 1.5)] AS under_counts,
            [sumIf(cents, health < 1), sumIf(cents, health < 1.1), sumIf(cents, health < 1.25), sumIf(cents, health < 1.5)] AS under_cents,
            arrayPushFront(quantilesTDigest(0.05, 0.25, 0.5, 0.75, 0.95)(margin_ratio), min(margin_ratio)) AS ratio_by_count,
            arrayPushFront(quantilesTDigestWeighted(0.05, 0.25, 0.5, 0.75, 0.95)(margin_ratio, cents), min(margin_ratio)) AS ratio_by_notional,
            arrayPushFront(quantilesTDigest(0.05, 0.25, 0.5, 0.75, 0.95)(health), min(health)) AS health_by_count,
            arrayPushFront(quantilesTDigestWeighted(0.05, 0.25, 0.5, 0.75, 0.95)(health, cents), min(health)) AS health_by_notional,
            argMin((position, is_long, health, margin_ratio, cents, level), (health, position)) AS closest
        FROM judged
        GROUP BY GROUPING SETS ((hour), (hour, is_long))
    ),
    share -> concat('"count":', toString(share.1 * {every:UInt32}), ',"notionalUsd":"', toString(usd(share.2 * {every:UInt32})), 'n"') AS share_text,
    at -> concat('{"min":', toString(at[1]), ',"p25":', toString(at[3]), ',"p5":', toString(at[2]), ',"p50":', toString(at[4]),
        ',"p75":', toString(at[5]), ',"p95":', toString(at[6]), '}') AS quantiles_text,
    (by_count, by_notional) -> concat('{"byCount":', quantiles_text(by_count), ',"byNotional":', quantiles_text(by_notional), '}') AS band_text
SELECT
    {marketToken:String},
    side,
    concat(
        '{"closest":{"healthFactor":', toString(closest.3), ',"isLong":', if(closest.2, 'true', 'false'),
        ',"liquidationPrice":', if(closest.6 = 0, 'null', concat('"', toString(price_integer(closest.6)), 'n"')),
        ',"marginRatio":', toString(closest.4), ',"notionalUsd":"', toString(usd(closest.5)),
        'n","positionKey":"0x', lower(hex(sipHash128(closest.1, 'key', {seed:UInt64}))), lower(hex(sipHash128(closest.1, 'key', {seed:UInt64}, 1))),
        '"},"healthFactor":', band_text(health_by_count, health_by_notional),
        ',"liquidatable":{', share_text((under_counts[1], under_cents[1])),
        '},"marginRatio":', band_text(ratio_by_count, ratio_by_notional),
        ',"open":{', share_text((positions, total_cents)),
        '},"under":[{', share_text((under_counts[1], under_cents[1])), ',"health":1},{', share_text((under_counts[2], under_cents[2])),
        ',"health":1.1},{', share_text((under_counts[3], under_cents[3])), ',"health":1.25},{', share_text((under_counts[4], under_cents[4])),
        ',"health":1.5}],"unjudged":0}'
    ),
    0,
    time_of(block_of_hour(hour)),
    '',
    0,
    'gmx-v2',
    number_of(block_of_hour(hour)),
    0,
    {chainId:UInt64}
FROM spread
