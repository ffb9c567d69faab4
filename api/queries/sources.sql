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
    SELECT chain_id, min(from_block) AS landed_from, max(to_block) AS landed_block
    FROM commits
    WHERE stage = 'land'
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
    any(l.landed_block) AS landed_block
FROM sources AS s
LEFT JOIN heads AS h ON h.chain_id = s.chain_id
LEFT JOIN landed AS l ON l.chain_id = s.chain_id
GROUP BY s.chain_id
ORDER BY chain_id
