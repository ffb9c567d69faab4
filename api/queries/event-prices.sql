-- Every price posted for some tokens inside the given blocks, in order: what held at a log's place.
SELECT
    toString(token) AS token,
    min_price,
    max_price,
    block_number,
    log_index
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND token IN {tokens:Array(String)}
    AND block_number IN {blocks:Array(UInt64)}
ORDER BY block_number, log_index, sub_index
