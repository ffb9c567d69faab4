-- How far the swap of a rebuild is: of the tables its journal names, those not yet exchanged. On a
-- cluster the rows of a table stand under another name beneath it.
SELECT count() AS swapped_tables, countIf(j.wanted != t.row_table) AS pending_tables
FROM (SELECT DISTINCT name, wanted FROM {copy:Identifier}.swap_journal) AS j
INNER JOIN (
    SELECT
        replaceRegexpOne(name, '_local$', '') AS table_name,
        argMax(toString(uuid), endsWith(name, '_local')) AS row_table
    FROM system.tables
    WHERE database = currentDatabase()
    GROUP BY table_name
) AS t ON t.table_name = j.name
