-- For the same liquidations and leads: the cells of the trigger price and of the index price in force that many
-- seconds earlier, and the map of the liquidated side at that instant: its mass in the trigger's cell and in all
-- cells within `halfWidth` of the price's. A liquidation before which there was no price is left out. The edges of
-- cells rise from that of `firstCell`; prices times `priceScale` have their decimals.
WITH
    asked AS (
        SELECT
            1 AS k,
            is_long,
            if(is_long, index_price_min, index_price_max) * {priceScale:Int256} AS trigger,
            block_timestamp,
            block_number,
            log_index,
            sub_index,
            arrayJoin({leads:Array(Int64)}) AS lead,
            toInt64(block_timestamp) - lead AS instant
        FROM liquidations
        WHERE chain_id = {chainId:UInt64}
            AND venue = {venue:String}
            AND market = {market:String}
            AND cause = 'LIQUIDATION'
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
    ),
    edges AS (
        SELECT
            1 AS k,
            toInt32({firstCell:Int32} + pair.2 - 1) AS edge_cell,
            toInt256OrZero(pair.1) AS edge
        FROM (
            SELECT
                arrayJoin(
                    arrayZip({edges:Array(String)}, arrayEnumerate({edges:Array(String)}))
                ) AS pair
        )
    ),
    prices AS (
        SELECT
            1 AS k,
            toInt64(block_timestamp) AS price_time,
            argMax(intDiv(min_price + max_price, 2), (block_number, log_index, sub_index))
                * {priceScale:Int256} AS price
        FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
            AND venue = {feedVenue:String}
            AND token = {feedToken:String}
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp < {toTime:UInt64}
        GROUP BY block_timestamp
    ),
    priced AS (
        SELECT a.*, p.price AS price
        FROM asked AS a
        ASOF JOIN prices AS p ON a.k = p.k AND a.instant >= p.price_time
    ),
    placed AS (
        SELECT c.*, e.edge_cell AS trigger_cell
        FROM (
            SELECT b.*, e.edge_cell AS price_cell
            FROM priced AS b
            ASOF JOIN edges AS e ON b.k = e.k AND b.price >= e.edge
        ) AS c
        ASOF JOIN edges AS e ON c.k = e.k AND c.trigger >= e.edge
    ),
    masses AS (
        SELECT
            is_long,
            coarse_cell,
            toInt64(block_timestamp) AS mass_time,
            sum(sum(sign * level_notional)) OVER (
                PARTITION BY is_long, coarse_cell
                ORDER BY block_timestamp ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS mass
        FROM (
            SELECT *, toInt32(floor(cell / {baseCells:Int32})) AS coarse_cell
            FROM liquidation_levels
            WHERE chain_id = {chainId:UInt64}
                AND venue = {venue:String}
                AND market = {market:String}
                AND placement = 'LEVEL'
                AND block_number <= {toBlock:UInt64}
                AND block_timestamp < {toTime:UInt64}
        )
        GROUP BY is_long, coarse_cell, block_timestamp
    )
SELECT
    d.lead AS lead,
    d.block_number AS block_number,
    d.log_index AS log_index,
    d.sub_index AS sub_index,
    d.price_cell AS price_cell,
    d.trigger_cell AS trigger_cell,
    sum(m.mass) AS domain_mass,
    sumIf(m.mass, d.cell = d.trigger_cell) AS cell_mass
FROM (
    SELECT
        *,
        arrayJoin(
            range(price_cell - {halfWidth:Int32}, price_cell + {halfWidth:Int32} + 1)
        ) AS cell
    FROM placed
) AS d
ASOF LEFT JOIN masses AS m
    ON d.is_long = m.is_long AND d.cell = m.coarse_cell AND d.instant >= m.mass_time
GROUP BY
    d.lead, d.block_number, d.log_index, d.sub_index, d.price_cell, d.trigger_cell
ORDER BY lead, block_number, log_index, sub_index
