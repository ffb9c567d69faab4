-- How far the swap of a rebuild is: of the tables its journal names, those not yet exchanged.
SELECT count() AS swapped_tables, countIf(j.wanted != toString(t.uuid)) AS pending_tables
FROM (SELECT DISTINCT name, wanted FROM {copy:Identifier}.swap_journal) AS j
INNER JOIN (SELECT name, uuid FROM system.tables WHERE database = currentDatabase()) AS t ON t.name = j.name
