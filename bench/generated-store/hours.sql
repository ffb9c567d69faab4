-- How fast prices move in each hour (1 on average), and how much happens (1 on average).
INSERT INTO workshop.hours
WITH
    /* shape */,
    (x, n) -> normal(floor(x), n) * (1 - x + floor(x)) + normal(floor(x) + 1, n) * (x - floor(x)) AS wave,
    drawn AS (
        SELECT
            number AS hour,
            exp(0.5 * wave(number / 168, 1) + 0.4 * wave(number / 24, 2)) * if(draw(intDiv(number, 6), 3) < 0.03, 2.5, 1) AS speed,
            0.75 + 0.5 * pow(sin(3.14159265 * ((number % 24) - 3) / 24), 2) AS daylight
        FROM numbers(8760)
    ),
    (SELECT avg(speed) FROM drawn) AS mean_speed,
    (SELECT avg(daylight * (0.4 + 0.6 * speed / mean_speed)) FROM drawn) AS mean_activity
SELECT hour, speed / mean_speed, daylight * (0.4 + 0.6 * speed / mean_speed) / mean_activity
FROM drawn
