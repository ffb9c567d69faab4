-- What happens to the positions of one market and side: the planned events, each with the state after it and the price
-- at which it would be liquidated, and a liquidation in place of the rest where the price gets there first.
-- Amounts are whole units (cents, 1/fine of a token); `signed` prices are negative for shorts, so that both sides are
-- liquidated by falling.
INSERT INTO workshop.events
WITH
    /* shape */,
    {isLong:Bool} AS is_long_side,
    if(is_long_side, 1, -1) AS sign,
    (SELECT groupArray(price) FROM (SELECT price FROM workshop.paths WHERE token = {market:UInt8} ORDER BY step)) AS path,
    (SELECT groupArray(signed) FROM (SELECT price * if({isLong:Bool}, 1, -1) AS signed FROM workshop.paths WHERE token = {market:UInt8} ORDER BY step)) AS signed_path,
    (
        SELECT groupArray(worst) FROM (
            SELECT min(price * if({isLong:Bool}, 1, -1)) AS worst FROM workshop.paths WHERE token = {market:UInt8}
            GROUP BY intDiv(step, intDiv(3600, {stepSeconds:UInt32})) AS hour ORDER BY hour
        )
    ) AS worst_of_hour,
    intDiv(3600, {stepSeconds:UInt32}) AS steps_an_hour,
    intDiv(year_seconds, {stepSeconds:UInt32}) AS last_step,
    planned AS (
        SELECT
            *,
            (toUInt64(position) * 512 + life) * 512 + k AS x,
            opened_i + k + toUInt64(floor((length - events + 1) * multiIf(k = 0, 0, k = events - 1, 1,
                pow((k + 0.8 * draw(x, 320) - 0.4) / (events - 1), 1.4)))) AS i,
            multiIf(k = 0, 'OPEN', k = events - 1, 'CLOSE', draw(x, 321) < 0.3, 'INCREASE', draw(x, 321) < 0.65, 'DECREASE',
                draw(x, 321) < 0.85, 'MARGIN_ADD', 'MARGIN_REMOVE') AS cause
        FROM (
            SELECT *, toUInt16(arrayJoin(range(events))) AS k
            FROM workshop.lives WHERE market = {market:UInt8} AND is_long = {isLong:Bool}
        )
        WHERE i < {blocks:UInt64}
    ),
    changes AS (
        SELECT
            market, is_token_collateral, position, life, account, opened_i, k, x, i, cause,
            time_of(i) - first_second AS at_second,
            intDiv(at_second, {stepSeconds:UInt32}) AS at_step,
            path[at_step + 1] + (path[at_step + 2] - path[at_step + 1]) * (at_second % {stepSeconds:UInt32}) / {stepSeconds:UInt32} AS price,
            if(is_token_collateral, price, 1) AS unit,
            multiIf(cause = 'OPEN', first_size, cause = 'INCREASE', first_size * (0.1 + 0.6 * draw(x, 322)), 0) AS added,
            multiIf(added > 0, added / leverage, cause = 'MARGIN_ADD', first_size / leverage * (0.1 + 0.5 * draw(x, 323)), 0) AS deposited,
            if(cause = 'DECREASE', 0.9 - 0.5 * draw(x, 324), 1) AS kept,
            if(cause = 'MARGIN_REMOVE', 0.95 - 0.15 * draw(x, 325), kept) AS left
        FROM planned
    ),
    kept_shares AS (
        SELECT *, exp(sum(log(kept)) OVER so_far) AS size_share, exp(sum(log(left)) OVER so_far) AS collateral_share
        FROM changes
        WINDOW so_far AS (PARTITION BY position, life ORDER BY k ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    sums AS (
        SELECT
            *,
            size_share * sum(added / size_share) OVER so_far AS size_usd,
            size_share * sum(added / price / size_share) OVER so_far AS size_base,
            collateral_share * sum(deposited / unit / collateral_share) OVER so_far AS collateral,
            leadInFrame(i, 1, {blocks:UInt64}) OVER (PARTITION BY position, life ORDER BY k ASC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_i
        FROM kept_shares
        WINDOW so_far AS (PARTITION BY position, life ORDER BY k ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    stated AS (
        SELECT
            *,
            cause != 'CLOSE' AS is_open,
            if(is_open, greatest(100, toInt64(round(size_usd * 100))), 0) AS size_cents,
            if(is_open, greatest(1, toInt64(round(size_base * {fine:Float64}))), 0) AS base_units,
            if(is_open, greatest(1, toInt64(round(collateral * if(is_token_collateral, {fine:Float64}, 1000000)))), 0) AS collateral_units,
            size_cents / 100 AS s,
            base_units / {fine:Float64} AS q,
            collateral_units / if(is_token_collateral, {fine:Float64}, 1000000) AS c,
            greatest(1, 0.01 * s) + 0.0005 * s AS needed,
            multiIf(
                NOT is_open, 0,
                is_token_collateral, (s + needed) / (q + c),
                is_long_side, (s + needed - c) / q,
                -(s - needed + c) / q
            ) AS found_level,
            if(is_long_side = (found_level > 0), found_level, 0) AS signed_level,
            if(signed_level = 0, 0, {borrowPerHour:Float64} * s / (q + if(is_token_collateral, c, 0))) AS creep
        FROM sums
    ),
    hit AS (
        SELECT
            *,
            at_step + 1 AS from_step,
            least(intDiv(time_of(next_i) - first_second, {stepSeconds:UInt32}), last_step) AS to_step,
            intDiv(from_step, steps_an_hour) AS from_hour,
            least((from_hour + 1) * steps_an_hour, to_step + 1) AS end_step,
            signed_level != 0 AND to_step >= from_step AS is_watched,
            if(is_watched, arrayFirstIndex(p -> p <= signed_level, arraySlice(signed_path, from_step + 1, end_step - from_step)), 0) AS first_hit,
            if(is_watched AND first_hit = 0, arrayFirstIndex((p, n) -> p <= signed_level + creep * n,
                arraySlice(worst_of_hour, from_hour + 2, intDiv(to_step, steps_an_hour) - from_hour) AS hours, arrayEnumerate(hours)), 0) AS later_hour,
            if(later_hour > 0, arrayFirstIndex(p -> p <= signed_level + creep * later_hour,
                arraySlice(signed_path, (from_hour + later_hour) * steps_an_hour + 1, steps_an_hour)), 0) AS later_hit,
            multiIf(first_hit > 0, from_step + first_hit, later_hit > 0, (from_hour + later_hour) * steps_an_hour + later_hit, 0) AS hit_step,
            greatest(i + 1, toUInt64(ceil(hit_step * {stepSeconds:UInt32} * ({blocks:UInt64} / year_seconds))) + toUInt64(floor(12 * draw(x, 326)))) AS hit_i,
            hit_step > 0 AND least(hit_i, next_i) < {blocks:UInt64} AS is_hit,
            least(hit_i, next_i) AS cut_i
        FROM stated
    ),
    cut AS (
        SELECT *, min(if(is_hit, k, 65535)) OVER (PARTITION BY position, life) AS last_k FROM hit
    ),
    ended AS (
        SELECT *, arrayJoin(if(k = last_k, [false, true], [false])) AS is_liquidation FROM cut WHERE k <= last_k
    )
SELECT
    market, is_long_side, is_token_collateral, position, life, account, opened_i,
    if(is_liquidation, k + 1, k) AS own_k,
    if(is_liquidation, 'LIQUIDATION', cause) AS own_cause,
    if(is_liquidation, cut_i, i) AS own_i,
    if(is_liquidation, path[intDiv(time_of(cut_i) - first_second, {stepSeconds:UInt32}) + 1], price) AS own_price,
    if(is_liquidation, 0, size_cents) AS own_size,
    if(is_liquidation, 0, base_units) AS own_base,
    if(is_liquidation, 0, collateral_units) AS own_collateral,
    if(is_liquidation, 0, abs(signed_level)) AS level,
    if(is_liquidation, 0, creep * sign) AS level_creep
FROM ended
