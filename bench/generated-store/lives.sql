-- The lives of every position as its owner plans them: when each begins, how long it is to last, how many events it is
-- to have. What lies after the year is left out; a liquidation may end a life before (events.sql).
INSERT INTO workshop.lives
WITH
    /* shape */,
    chosen AS (
        SELECT
            number AS position,
            toUInt8(arrayFirstIndex(edge -> draw(number, 300) < edge, {marketEdges:Array(Float64)}) - 1) AS market,
            draw(number, 301) < 0.53 AS is_long,
            is_long AND draw(number, 302) < 0.35 AS is_token_collateral,
            toUInt32(floor(pow(draw(number, 303), 2) * {positions:UInt64} * 0.4)) AS account,
            toUInt64(least(400, 1 + floor({livesFactor:Float64} * (pow(1 - draw(number, 304), -0.75) - 1)))) AS lives,
            toUInt64(floor(draw(number, 305) * 0.97 * {blocks:UInt64})) AS first_i
        FROM numbers({positions:UInt64})
    ),
    lived AS (
        SELECT *, arrayJoin(range(lives)) AS life, position * 512 + life AS x
        FROM chosen
    ),
    planned AS (
        SELECT
            *,
            {medianSeconds:Float64} * exp(2 * normal(x, 310)) AS seconds,
            toUInt16(2 + least(400, floor(
                {eventsFactor:Float64} * (pow(1 - draw(x, 311), -0.7) - 0.6) * pow(seconds / {medianSeconds:Float64}, 0.3)
            ))) AS events,
            toUInt64(greatest(events + 1, floor(seconds * {blocks:UInt64} / year_seconds))) AS length,
            toUInt64(2 + floor(20000 * exp(1.8 * normal(x, 312)) * {blocks:UInt64} / year_seconds)) AS gap
        FROM lived
    ),
    begun AS (
        SELECT
            *,
            first_i + sum(length + gap) OVER (
                PARTITION BY position ORDER BY life ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) - length - gap AS opened_i
        FROM planned
    )
SELECT
    market,
    is_long,
    is_token_collateral,
    position,
    toUInt32(life + 1),
    account,
    events,
    opened_i,
    length,
    least(20000000, 10 + exp(7.6 + 1.9 * normal(x, 313))),
    least(45, greatest(1.1, exp(1.9 + 0.75 * normal(x, 314))))
FROM begun
WHERE opened_i < {blocks:UInt64}
