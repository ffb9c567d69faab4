-- Blocks in which one of the feeds ('venue:token') got a price: of each anchor the last `depth` ones at
-- or before it, numbered through all of them since `fromBlock`. `observed_at` is that of the index feed's last price in
-- the block, where its log says when the price was observed.
WITH
    numbered AS (
        SELECT
            1 AS k,
            block_number AS price_block,
            any(block_timestamp) AS price_time,
            argMaxIf(
                tuple(if(time_is_block_time, NULL, observed_at)),
                (log_index, sub_index),
                concat(venue, ':', token) = {indexFeed:String}
            ).1 AS last_observed_at,
            row_number() OVER (ORDER BY block_number ASC) AS ordinal
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND concat(venue, ':', token) IN {feeds:Array(String)}
            AND block_number >= {fromBlock:UInt64}
            AND block_number <= arrayMax({anchors:Array(UInt64)})
        GROUP BY block_number
    ),
    wanted AS (SELECT 1 AS k, arrayJoin({anchors:Array(UInt64)}) AS anchor),
    reached AS (
        SELECT DISTINCT n.ordinal AS last_ordinal
        FROM wanted AS w
        ASOF JOIN numbered AS n ON w.k = n.k AND w.anchor >= n.price_block
    ),
    near AS (
        SELECT DISTINCT
            arrayJoin(
                range(
                    greatest(toInt64(last_ordinal) - {depth:Int64}, 0) + 1,
                    toInt64(last_ordinal) + 1
                )
            ) AS near_ordinal
        FROM reached
    )
SELECT
    price_block AS block_number,
    price_time AS block_time,
    last_observed_at AS observed_at,
    ordinal
FROM numbered
WHERE toInt64(ordinal) IN (SELECT near_ordinal FROM near)
ORDER BY block_number
