-- Every state of some positions of one market up to a block, in chain order.
SELECT
    position_key,
    life,
    toString(status) AS status,
    state,
    block_timestamp,
    block_number,
    log_index
FROM position_states
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND market = {market:String}
    AND position_key IN {keys:Array(String)}
    AND block_number <= {toBlock:UInt64}
ORDER BY block_number, log_index, sub_index
