-- Markets that a manifest or a committed list names, with symbols and decimals of their tokens. Logs
-- of a chain list markets too, but name nothing.
SELECT
    block_number AS listed_block,
    toString(venue) AS listing_venue,
    toString(market) AS market_address,
    JSONExtractString(details, 'name') AS market_name,
    JSONExtractString(details, 'symbol') AS market_symbol,
    arrayConcat(
        arrayMap(
            role -> (
                JSONExtractString(details, concat(role, 'Token')),
                JSONExtractString(details, concat(role, 'Symbol')),
                JSONExtractString(details, concat(role, 'Decimals')),
                JSONExtractString(details, concat(role, 'PriceDecimals'))
            ),
            ['index', 'long', 'short']
        ),
        arrayMap(
            (token, token_symbol, decimals) -> (token, token_symbol, decimals, ''),
            JSONExtract(details, 'collateralTokens', 'Array(String)'),
            JSONExtract(details, 'collateralSymbols', 'Array(String)'),
            JSONExtract(details, 'collateralDecimals', 'Array(String)')
        )
    ) AS market_tokens
FROM market_events
WHERE chain_id = {chainId:UInt64}
    AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}
    AND type = 'MarketListed'
    AND JSONHas(details, 'symbol')
ORDER BY block_number, log_index, sub_index
