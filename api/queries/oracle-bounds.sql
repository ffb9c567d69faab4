-- Each value that a venue's bound on the age of prices took on chain, up to a block.
SELECT toString(venue) AS bound_venue, block_number, block_timestamp, assumeNotNull(value) AS bound_seconds
FROM parameter_changes
WHERE chain_id = {chainId:UInt64}
    AND market = ''
    AND name = {name:String}
    AND value IS NOT NULL
    AND source != 'SNAPSHOT'
    AND block_number <= {toBlock:UInt64}
ORDER BY block_number, log_index, sub_index
