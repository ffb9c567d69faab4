-- Open states of one market that hold at one of the given blocks (rising) at least, with the block that ends each (the
-- sentinel 2^53 − 1 means: still holds). What is replaced between two of the blocks is nobody's to judge.
WITH states AS (
    SELECT
        position_key,
        is_long,
        status,
        state,
        block_number,
        leadInFrame(block_number, 1, toUInt64(9007199254740991)) OVER (
            PARTITION BY position_key
            ORDER BY block_number ASC, log_index ASC, sub_index ASC
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS until_block
    FROM position_states
    WHERE chain_id = {chainId:UInt64}
        AND venue = {venue:String}
        AND market = {market:String}
        AND block_number <= {toBlock:UInt64}
)
SELECT
    position_key,
    is_long,
    state,
    block_number,
    until_block
FROM states
WHERE status = 'OPEN'
    AND until_block > {fromBlock:UInt64}
    AND roundDown(toUInt64(until_block - 1), {blocks:Array(UInt64)}) >= block_number
    AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
ORDER BY position_key, block_number
LIMIT {limit:UInt64}
