-- Liquidations of one market in [fromTime, toTime), with the index price that triggered each (the bound that the
-- rules take: minimum for longs, maximum for shorts), and for each lead the last level that the position
-- had in the same life at or before that many seconds earlier: '' as placement where it was not open yet.
WITH
    realized AS (
        SELECT
            position_key,
            life,
            is_long,
            abs(size_delta_base) AS closed_base,
            if(is_long, index_price_min, index_price_max) AS trigger_price,
            block_timestamp,
            block_number,
            log_index,
            sub_index
        FROM liquidations
        WHERE chain_id = {chainId:UInt64}
            AND venue = {venue:String}
            AND market = {market:String}
            AND cause = 'LIQUIDATION'
            AND block_number <= {toBlock:UInt64}
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
            AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
        ORDER BY block_number, log_index, sub_index
        LIMIT {limit:UInt64}
    ),
    asked AS (
        SELECT
            *,
            arrayJoin({leads:Array(Int64)}) AS lead,
            toInt64(block_timestamp) - lead AS instant
        FROM realized
    ),
    levels AS (
        SELECT
            position_key,
            life,
            toInt64(block_timestamp) AS level_time,
            argMax(toString(placement), block_number) AS last_placement,
            argMax(liquidation_price, block_number) AS last_price
        FROM liquidation_levels
        WHERE chain_id = {chainId:UInt64}
            AND venue = {venue:String}
            AND market = {market:String}
            AND sign = 1
            AND block_number <= {toBlock:UInt64}
            AND position_key IN (SELECT position_key FROM realized)
        GROUP BY position_key, life, block_timestamp
    )
SELECT
    a.lead AS lead,
    a.block_timestamp AS block_timestamp,
    a.block_number AS block_number,
    a.log_index AS log_index,
    a.sub_index AS sub_index,
    a.is_long AS is_long,
    a.closed_base AS closed_base,
    a.trigger_price AS trigger_price,
    l.last_placement AS placement,
    l.last_price AS level_price
FROM asked AS a
ASOF LEFT JOIN levels AS l
    ON a.position_key = l.position_key AND a.life = l.life AND a.instant >= l.level_time
ORDER BY lead, block_number, log_index, sub_index
