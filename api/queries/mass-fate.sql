-- What became of the mass that the price went through. For each lead, [fromTime, toTime) is cut into whole steps of it;
-- `low` and `high` are the lowest and highest index price (the bound that the side is judged by) from the one in
-- force just before a step to its end. Of the levels that stood just before the step and lie in [low, high]:
-- LIQUIDATED is the size closed by liquidations in the step; the rest goes by how the position stood just before the
-- end: CLOSED; STANDING, if its owner changed nothing; RESCUED, if the level is now beyond the reach of the step;
-- else MOVED. Mass = size x level, with the decimals of both.
WITH
    updates AS (
        SELECT
            arrayJoin([true, false]) AS is_long,
            if(is_long, min_price, max_price) AS price,
            -- bins of the greatest common divisor of the leads; -1: before the window
            if(
                block_timestamp < {fromTime:UInt64},
                toInt64(-1),
                intDiv(toInt64(block_timestamp) - {fromTime:Int64}, {binSeconds:Int64})
            ) AS bin,
            (block_number, log_index, sub_index) AS place
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND venue = {feedVenue:String}
            AND token = {feedToken:String}
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND min_price > 0
    ),
    bins AS (
        SELECT
            is_long,
            bin,
            min(price) AS bin_low,
            max(price) AS bin_high,
            argMax(price, place) AS bin_last
        FROM updates
        GROUP BY is_long, bin
    ),
    steps AS (
        SELECT
            is_long,
            lead,
            intDiv(bin * {binSeconds:Int64}, lead) AS step,
            min(bin_low) AS step_low,
            max(bin_high) AS step_high,
            -- the last bin before the step
            intDiv(step * lead, {binSeconds:Int64}) - 1 AS bin_before
        FROM (SELECT *, arrayJoin({leads:Array(Int64)}) AS lead FROM bins WHERE bin >= 0)
        WHERE (step + 1) * lead <= {toTime:Int64} - {fromTime:Int64}
        GROUP BY is_long, lead, step
    ),
    reaches AS (
        SELECT
            s.is_long AS is_long,
            s.lead AS lead,
            {fromTime:Int64} + s.step * s.lead AS starts_at,
            starts_at + s.lead AS ends_at,
            least(s.step_low, b.bin_last) AS low,
            greatest(s.step_high, b.bin_last) AS high
        FROM steps AS s
        ASOF JOIN bins AS b ON s.is_long = b.is_long AND s.bin_before >= b.bin
        WHERE {side:String} = '' OR s.is_long = ({side:String} = 'LONG')
    ),
    -- The logarithm only proposes cells, one more on each side: prices decide below.
    reached_cells AS (
        SELECT
            *,
            intDiv(starts_at - {fromTime:Int64}, {spanSeconds:Int64}) AS span,
            arrayJoin(
                range(
                    toInt32(floor(log(toFloat64(low) * {priceUnit:Float64}) / log(1.0005))) - 1,
                    toInt32(floor(log(toFloat64(high) * {priceUnit:Float64}) / log(1.0005))) + 2
                )
            ) AS cell
        FROM reaches
    ),
    levels AS (
        SELECT * FROM (
            SELECT
                sign,
                toString(placement) AS placement,
                position_key,
                life,
                is_long,
                cell,
                liquidation_price,
                level_notional,
                size_base,
                toInt64(block_timestamp) AS held_from,
                leadInFrame(toInt64(block_timestamp), 1, toInt64(9007199254740991)) OVER (
                    PARTITION BY position_key
                    ORDER BY block_number ASC, sign ASC
                    ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
                ) AS held_until,
                countIf(sign = 1 AND cause = 'MOVED') OVER (
                    PARTITION BY position_key, life
                    ORDER BY block_number ASC, sign ASC
                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                ) AS moves
            FROM liquidation_levels
            WHERE chain_id = {chainId:UInt64}
                AND venue = {venue:String}
                AND market = {market:String}
                AND block_number <= {toBlock:UInt64}
                AND block_timestamp < {toTime:UInt64}
        )
        WHERE sign = 1
    ),
    -- Once for each span of the window in which it stood, so that a step meets only levels of its time.
    spanned AS (
        SELECT
            *,
            arrayJoin(
                range(
                    intDiv(
                        greatest(held_from, {fromTime:Int64}) - {fromTime:Int64},
                        {spanSeconds:Int64}
                    ),
                    intDiv(
                        least(held_until, {toTime:Int64}) - {fromTime:Int64}, {spanSeconds:Int64}
                    ) + 1
                )
            ) AS span
        FROM levels
        WHERE placement = 'LEVEL'
            AND held_until >= {fromTime:Int64}
            AND held_until > held_from
            AND liquidation_price BETWEEN (SELECT min(low) FROM reaches)
                AND (SELECT max(high) FROM reaches)
    ),
    standing AS (
        SELECT
            r.lead AS lead,
            r.starts_at AS starts_at,
            r.ends_at AS ends_at,
            r.low AS low,
            r.high AS high,
            l.is_long AS is_long,
            l.position_key AS position_key,
            l.life AS life,
            l.liquidation_price AS liquidation_price,
            l.level_notional AS mass,
            l.size_base AS size_base,
            l.moves AS moves
        FROM spanned AS l
        INNER JOIN reached_cells AS r
            ON l.is_long = r.is_long AND l.cell = r.cell AND l.span = r.span
        WHERE l.held_from < r.starts_at
            AND l.held_until >= r.starts_at
            AND l.liquidation_price BETWEEN r.low AND r.high
    ),
    -- Two blocks may bear one second: the later level holds after it.
    later AS (
        SELECT
            position_key,
            life,
            held_from,
            argMax((held_until, moves, placement, liquidation_price), held_until) AS level
        FROM levels
        GROUP BY position_key, life, held_from
    ),
    forced AS (
        SELECT
            position_key,
            life,
            groupArray((toInt64(block_timestamp), toInt256(abs(size_delta_base)))) AS closings
        FROM liquidations
        WHERE chain_id = {chainId:UInt64}
            AND venue = {venue:String}
            AND market = {market:String}
            AND cause = 'LIQUIDATION'
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
        GROUP BY position_key, life
    ),
    ended AS (
        SELECT
            e.lead AS lead,
            e.mass AS mass,
            least(
                e.size_base,
                arraySum(
                    closing -> if(
                        closing.1 >= e.starts_at AND closing.1 < e.ends_at, closing.2, toInt256(0)
                    ),
                    f.closings
                )
            ) * e.liquidation_price AS forced_mass,
            multiIf(
                e.until < e.ends_at, 'CLOSED',
                e.moves_then = e.moves, 'STANDING',
                e.placement_then = 'NONE', 'RESCUED',
                e.placement_then = 'LEVEL'
                AND if(e.is_long, e.price_then < e.low, e.price_then > e.high), 'RESCUED',
                'MOVED'
            ) AS fate
        FROM (
            SELECT
                s.*,
                n.level.1 AS until,
                n.level.2 AS moves_then,
                n.level.3 AS placement_then,
                n.level.4 AS price_then
            FROM (SELECT *, ends_at - 1 AS last_second FROM standing) AS s
            ASOF JOIN later AS n
                ON s.position_key = n.position_key AND s.life = n.life AND s.last_second >= n.held_from
        ) AS e
        LEFT JOIN forced AS f ON e.position_key = f.position_key AND e.life = f.life
    )
SELECT
    s.lead AS lead,
    s.steps AS steps,
    f.liquidated AS liquidated,
    f.rescued AS rescued,
    f.closed AS closed,
    f.moved AS moved,
    f.standing AS standing,
    f.liquidated_count AS liquidated_count,
    f.rescued_count AS rescued_count,
    f.closed_count AS closed_count,
    f.moved_count AS moved_count,
    f.standing_count AS standing_count
FROM (SELECT lead, uniqExact(starts_at) AS steps FROM reaches GROUP BY lead) AS s
LEFT JOIN (
    SELECT
        lead,
        sum(forced_mass) AS liquidated,
        sumIf(mass - forced_mass, fate = 'RESCUED') AS rescued,
        sumIf(mass - forced_mass, fate = 'CLOSED') AS closed,
        sumIf(mass - forced_mass, fate = 'MOVED') AS moved,
        sumIf(mass - forced_mass, fate = 'STANDING') AS standing,
        countIf(forced_mass > 0) AS liquidated_count,
        countIf(forced_mass = 0 AND fate = 'RESCUED') AS rescued_count,
        countIf(forced_mass = 0 AND fate = 'CLOSED') AS closed_count,
        countIf(forced_mass = 0 AND fate = 'MOVED') AS moved_count,
        countIf(forced_mass = 0 AND fate = 'STANDING') AS standing_count
    FROM ended
    GROUP BY lead
) AS f ON s.lead = f.lead
ORDER BY lead
