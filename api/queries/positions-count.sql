-- How many positions pass a filter at a block. One number says where a state stands in its chain: compared as a tuple it
-- takes three times as long.
SELECT count() AS total
FROM (
    SELECT
        argMax(status, toUInt128(block_number) * 281474976710656 + log_index * 65536 + sub_index) AS last_status,
        argMax(cause, toUInt128(block_number) * 281474976710656 + log_index * 65536 + sub_index) AS last_cause
    FROM position_states
    WHERE chain_id = {chainId:UInt64}
        AND block_number <= {block:UInt64}
        AND (empty({positionKeys:Array(String)}) OR position_key IN {positionKeys:Array(String)})
        AND ({account:String} = '' OR account = {account:String})
        AND ({market:String} = '' OR market = {market:String})
        AND ({venue:String} = '' OR venue = {venue:String})
        AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
    GROUP BY venue, position_key
)
WHERE ({status:String} = '' OR last_status = {status:String})
    AND ({cause:String} = '' OR last_cause = {cause:String})
