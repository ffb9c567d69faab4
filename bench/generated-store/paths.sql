-- One token's price at each step of the year: a random walk whose speed is that of the hour, in part common to all
-- tokens, with rare larger moves.
INSERT INTO workshop.paths
WITH
    /* shape */,
    (SELECT groupArray(speed) FROM (SELECT speed FROM workshop.hours ORDER BY hour)) AS speeds
SELECT {token:UInt8}, step, {firstPrice:Float64} * exp(sum(move) OVER (ORDER BY step ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))
FROM (
    SELECT
        number AS step,
        {annualVolatility:Float64} * speeds[least(intDiv(number * {stepSeconds:UInt32}, 3600), 8759) + 1]
            * sqrt({stepSeconds:UInt32} / year_seconds)
            * (0.75 * normal(number, 10) + 0.66 * normal(number, 40 + {token:UInt8}))
            * if(draw(number, 80 + {token:UInt8}) < 0.0005, 6, 1) AS move
    FROM numbers(intDiv(year_seconds, {stepSeconds:UInt32}) + 2)
)
