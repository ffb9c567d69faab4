/** Opens a data folder (first argument), says so, and holds it until it is killed. */
import { openDatabase } from '../../../schema/clickhouse/connection.ts';

await openDatabase({ dataDir: process.argv[2] ?? '' });
process.stdout.write('open\n');
setInterval(() => {}, 1_000);
