-- One page of positions, each as it stood at a block. Order and page bounds are values:
-- `sort_key` is the ordering number with its sign turned for descending order, and a page starts
-- after (or ends before) a pair of sort key and position key.
WITH
    latest AS (
        SELECT *
        FROM position_states
        WHERE chain_id = {chainId:UInt64}
            AND block_number <= {block:UInt64}
            AND (empty({positionKeys:Array(String)}) OR position_key IN {positionKeys:Array(String)})
            AND ({account:String} = '' OR account = {account:String})
            AND ({market:String} = '' OR market = {market:String})
            AND ({venue:String} = '' OR venue = {venue:String})
            AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
        ORDER BY block_number DESC, log_index DESC, sub_index DESC
        LIMIT 1 BY venue, position_key
    ),
    keyed AS (
        SELECT
            *,
            multiIf(
                {orderBy:String} = 'SIZE_USD', size_usd,
                {orderBy:String} = 'UPDATED_AT', toInt256(block_number),
                toInt256(opened_block)
            ) * if({descending:Bool}, -1, 1) AS sort_key
        FROM latest
        WHERE ({status:String} = '' OR status = {status:String})
            AND ({cause:String} = '' OR cause = {cause:String})
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
    sort_key
FROM keyed
WHERE (NOT {hasAfter:Bool} OR (sort_key, position_key) > ({afterSort:Int256}, {afterKey:String}))
    AND (NOT {hasBefore:Bool} OR (sort_key, position_key) < ({beforeSort:Int256}, {beforeKey:String}))
ORDER BY
    if({inverted:Bool}, -sort_key, sort_key) ASC,
    if({inverted:Bool}, '', position_key) ASC,
    if({inverted:Bool}, position_key, '') DESC
LIMIT {limit:UInt64}
