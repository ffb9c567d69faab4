-- Every state of one position up to a block, over all lives of its key.
SELECT
    life,
    toString(status) AS status,
    toString(cause) AS cause,
    account,
    toString(market) AS market,
    toString(collateral_token) AS collateral_token,
    is_long,
    size_usd,
    size_base,
    collateral_raw,
    opened_at,
    opened_block,
    state,
    block_timestamp,
    transaction_hash,
    block_number,
    log_index,
    sub_index
FROM position_states
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND position_key = {positionKey:String}
    AND block_number <= {toBlock:UInt64}
ORDER BY block_number, log_index, sub_index
