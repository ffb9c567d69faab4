-- How many positions pass a filter at a block.
SELECT count() AS total
FROM (
    SELECT status, cause
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
)
WHERE ({status:String} = '' OR status = {status:String})
    AND ({cause:String} = '' OR cause = {cause:String})
