-- Open states of one market that hold at one of the given blocks (rising) at least, with the block that ends each (the
-- sentinel 2^53 − 1 means: still holds). What is replaced between two of the blocks is nobody's to judge. Which they are
-- is found first: states are long texts, and only those that hold are read.
WITH (
    SELECT groupArray((position_key, block_number, log_index, sub_index, until_block))
    FROM (
        SELECT
            position_key,
            block_number,
            log_index,
            sub_index,
            status,
            is_long,
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
    WHERE status = 'OPEN'
        AND until_block > {fromBlock:UInt64}
        AND roundDown(toUInt64(until_block - 1), {blocks:Array(UInt64)}) >= block_number
        AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
) AS held
SELECT
    s.position_key AS position_key,
    s.is_long AS is_long,
    s.state AS state,
    s.block_number AS block_number,
    h.until_block AS until_block
FROM position_states AS s
INNER JOIN (
    SELECT
        one.1 AS held_key,
        one.2 AS held_block,
        one.3 AS held_log,
        one.4 AS held_sub,
        one.5 AS until_block
    FROM (SELECT arrayJoin(held) AS one)
) AS h
    ON s.position_key = h.held_key
        AND s.block_number = h.held_block
        AND s.log_index = h.held_log
        AND s.sub_index = h.held_sub
WHERE s.chain_id = {chainId:UInt64}
    AND s.venue = {venue:String}
    AND s.market = {market:String}
    AND s.block_number IN (SELECT arrayJoin(held.2))
ORDER BY position_key, block_number
LIMIT {limit:UInt64}
