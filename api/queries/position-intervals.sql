-- Open states of one market that hold somewhere in [fromBlock, toBlock], with the block that ends
-- each (the sentinel 2^53 − 1 means: still holds). A state replaced inside its own block never held. Which they are is
-- found first: states are long texts, and only those that hold are read.
WITH (
    SELECT groupArray((position_key, block_number, log_index, sub_index, until_block))
    FROM (
        SELECT
            position_key,
            block_number,
            log_index,
            sub_index,
            status,
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
        AND until_block > block_number
) AS held
SELECT
    s.position_key AS position_key,
    s.account AS account,
    s.collateral_token AS collateral_token,
    s.is_long AS is_long,
    s.size_usd AS size_usd,
    s.size_base AS size_base,
    s.collateral_raw AS collateral_raw,
    s.opened_at AS opened_at,
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
