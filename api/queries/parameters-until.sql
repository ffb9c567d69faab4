-- Every value that the parameters of some scopes (a market, '' = the venue, ...) took up to a block.
SELECT
    toString(market) AS market,
    toString(name) AS name,
    value,
    value_text,
    base_key,
    key_data,
    toString(source) AS source,
    sub_index,
    block_timestamp,
    transaction_hash,
    transaction_index,
    toString(venue) AS venue,
    block_number,
    log_index,
    chain_id
FROM parameter_changes
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND market IN {scopes:Array(String)}
    AND block_number <= {toBlock:UInt64}
ORDER BY block_number, log_index, sub_index
