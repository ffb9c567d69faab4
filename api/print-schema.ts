import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from './schema.ts';

const FILE = fileURLToPath(new URL('../schema/graphql/schema.graphql', import.meta.url));

/** The schema as text, sorted: the same whatever order the types were registered in. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

function main(flag: string | undefined): number {
  const printed = printedSchema();
  if (flag === '--write') {
    writeFileSync(FILE, printed);
    return 0;
  }
  if (flag === '--check') {
    if (readFileSync(FILE, 'utf8') === printed) return 0;
    console.error('The GraphQL schema changed. Run `npm run schema:print` and commit the file.');
    return 1;
  }
  console.error('Give --write or --check.');
  return 2;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv[2]);
