-- Gas of the newest transactions up to a block that liquidated on a venue: how many, and the
-- (lower) median in wei.
WITH
    newest AS (
        SELECT DISTINCT block_number AS at_block, transaction_index AS at_index
        FROM liquidations
        WHERE chain_id = {chainId:UInt64}
            AND venue = {venue:String}
            AND cause = 'LIQUIDATION'
            AND block_number <= {block:UInt64}
        ORDER BY at_block DESC, at_index DESC
        LIMIT {most:UInt64}
    )
SELECT
    count() AS transactions,
    arrayElement(arraySort(groupArray(gas_used * effective_gas_price)), intDiv(count() + 1, 2)) AS median_wei
FROM transactions
WHERE chain_id = {chainId:UInt64}
    AND block_number IN (SELECT at_block FROM newest)
    AND (block_number, transaction_index) IN (SELECT at_block, at_index FROM newest)
    AND gas_used > 0
