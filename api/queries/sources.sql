-- The sources a store holds, each with the head that readers may see: the last commit of stage
-- 'project'. Rows above it belong to a batch that is not whole yet.
WITH heads AS (
    SELECT
        chain_id,
        max(to_block) AS head_block,
        argMax(last_block_hash, to_block) AS head_hash,
        argMax(last_block_timestamp, to_block) AS head_timestamp,
        argMax(method, to_block) AS rows_method,
        argMax(toUnixTimestamp64Milli(committed_at), to_block) AS committed_at_ms
    FROM commits
    WHERE stage = 'project'
    GROUP BY chain_id
),
landed AS (
    SELECT
        chain_id,
        min(from_block) AS landed_from,
        max(to_block) AS landed_block,
        argMax(toUnixTimestamp64Milli(committed_at), to_block) AS landed_at_ms
    FROM commits
    WHERE stage = 'land'
    GROUP BY chain_id
),
-- What the indexer of each chain said last.
states AS (
    SELECT
        chain_id,
        argMax(state, recorded_at) AS indexer_state,
        argMax(source_height, recorded_at) AS source_height,
        argMax(safe_depth, recorded_at) AS safe_depth,
        argMax(finality_depth, recorded_at) AS finality_depth,
        argMax(fault, recorded_at) AS fault,
        argMax(tuple(toUnixTimestamp64Milli(failing_since)), recorded_at).1 AS failing_since_ms,
        max(toUnixTimestamp64Milli(recorded_at)) AS reported_at_ms
    FROM indexer_states
    GROUP BY chain_id
)
SELECT
    s.chain_id AS chain_id,
    argMax(s.chain, s.recorded_at) AS chain,
    argMax(s.is_synthetic, s.recorded_at) AS is_synthetic,
    argMax(s.name, s.recorded_at) AS name,
    argMax(s.description, s.recorded_at) AS description,
    argMax(s.provenance, s.recorded_at) AS source_provenance,
    argMax(s.first_block, s.recorded_at) AS first_block,
    argMax(s.manifest, s.recorded_at) AS manifest,
    any(h.head_block) AS head_block,
    any(h.head_hash) AS head_hash,
    any(h.head_timestamp) AS head_timestamp,
    any(h.rows_method) AS rows_method,
    any(h.committed_at_ms) AS committed_at_ms,
    any(l.landed_from) AS landed_from,
    any(l.landed_block) AS landed_block,
    any(l.landed_at_ms) AS landed_at_ms,
    toString(any(i.indexer_state)) AS indexer_state,
    any(i.source_height) AS source_height,
    any(i.safe_depth) AS safe_depth,
    any(i.finality_depth) AS finality_depth,
    any(i.fault) AS fault,
    any(i.failing_since_ms) AS failing_since_ms,
    any(i.reported_at_ms) AS reported_at_ms,
    (SELECT sum(cityHash64(name, toString(uuid))) FROM system.tables WHERE database = currentDatabase() AND NOT startsWith(name, '.')) AS table_versions
FROM sources AS s
LEFT JOIN heads AS h ON h.chain_id = s.chain_id
LEFT JOIN landed AS l ON l.chain_id = s.chain_id
LEFT JOIN states AS i ON i.chain_id = s.chain_id
GROUP BY s.chain_id
ORDER BY chain_id
