INSERT INTO blocks (chain_id, block_number, block_hash, parent_hash, block_timestamp)
WITH
    /* shape */,
    (a, b) -> toFixedString(concat(sipHash128(a, b, {seed:UInt64}), sipHash128(b, a, {seed:UInt64}, 1)), 32) AS hash_bytes
SELECT
    {chainId:UInt64},
    number_of(number) AS own_number,
    hash_bytes(own_number, 'block'),
    hash_bytes(own_number - 1, 'block'),
    time_of(number)
FROM numbers({blocks:UInt64})
