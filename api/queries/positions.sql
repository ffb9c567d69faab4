-- One page of positions, each as it stood at a block. Order and page bounds are values:
-- `sort_key` is the ordering number with its sign turned for descending order, and a page starts
-- after (or ends before) a pair of sort key and position key. First the page is found by what orders and filters it, then
-- its states are looked up by their keys. One number says where a state stands in its chain.
WITH
    latest AS (
        SELECT
            venue,
            position_key,
            max(toUInt128(block_number) * 281474976710656 + log_index * 65536 + sub_index) AS place,
            argMax(status, toUInt128(block_number) * 281474976710656 + log_index * 65536 + sub_index) AS last_status,
            argMax(cause, toUInt128(block_number) * 281474976710656 + log_index * 65536 + sub_index) AS last_cause,
            argMax(
                multiIf(
                    {orderBy:String} = 'SIZE_USD', size_usd,
                    {orderBy:String} = 'UPDATED_AT', toInt256(block_number),
                    toInt256(opened_block)
                ) * if({descending:Bool}, -1, 1),
                toUInt128(block_number) * 281474976710656 + log_index * 65536 + sub_index
            ) AS sort_key
        FROM position_states
        WHERE chain_id = {chainId:UInt64}
            AND block_number <= {block:UInt64}
            AND (empty({positionKeys:Array(String)}) OR position_key IN {positionKeys:Array(String)})
            AND ({account:String} = '' OR account = {account:String})
            AND ({market:String} = '' OR market = {market:String})
            AND ({venue:String} = '' OR venue = {venue:String})
            AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
        GROUP BY venue, position_key
    ),
    page AS (
        SELECT
            venue,
            position_key,
            toUInt64(intDiv(place, 281474976710656)) AS last_block,
            toUInt32(intDiv(place, 65536) % 4294967296) AS last_log,
            toUInt16(place % 65536) AS last_sub
        FROM latest
        WHERE ({status:String} = '' OR last_status = {status:String})
            AND ({cause:String} = '' OR last_cause = {cause:String})
            AND (NOT {hasAfter:Bool} OR (sort_key, position_key) > ({afterSort:Int256}, {afterKey:String}))
            AND (NOT {hasBefore:Bool} OR (sort_key, position_key) < ({beforeSort:Int256}, {beforeKey:String}))
        ORDER BY
            if({inverted:Bool}, -sort_key, sort_key) ASC,
            if({inverted:Bool}, '', position_key) ASC,
            if({inverted:Bool}, position_key, '') DESC
        LIMIT {limit:UInt64}
    )
SELECT
    toString(venue) AS position_venue,
    position_key,
    life,
    toString(status) AS position_status,
    toString(cause) AS last_cause,
    account,
    toString(market) AS position_market,
    toString(collateral_token) AS position_collateral,
    is_long,
    size_usd,
    size_base,
    collateral_raw,
    opened_at,
    opened_block,
    block_timestamp,
    transaction_hash,
    block_number,
    multiIf(
        {orderBy:String} = 'SIZE_USD', size_usd,
        {orderBy:String} = 'UPDATED_AT', toInt256(block_number),
        toInt256(opened_block)
    ) * if({descending:Bool}, -1, 1) AS sort_key
FROM position_states
WHERE chain_id = {chainId:UInt64}
    AND (venue, position_key, block_number, log_index, sub_index) IN (
        SELECT venue, position_key, last_block, last_log, last_sub FROM page
    )
ORDER BY
    if({inverted:Bool}, -sort_key, sort_key) ASC,
    if({inverted:Bool}, '', position_key) ASC,
    if({inverted:Bool}, position_key, '') DESC
