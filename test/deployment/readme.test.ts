import { existsSync, readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';

const readme = readFileSync('README.md', 'utf8');
const scripts = (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object }).scripts;

describe('README.md', () => {
  it('links only to files that are there', () => {
    const links = [...readme.matchAll(/(?:\]\(|srcset="|src=")([^)"#]+)/g)].map(
      (match) => match[1],
    );
    const files = links.filter((link) => !link?.startsWith('http'));
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((file) => !existsSync(file ?? ''))).toEqual([]);
  });

  it('shows a query that the schema accepts', () => {
    const query = /```graphql\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const schema = buildSchema(readFileSync('schema/graphql/schema.graphql', 'utf8'));
    expect(validate(schema, parse(query))).toEqual([]);
  });

  it('names only scripts that exist', () => {
    const named = [...readme.matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1]);
    expect(named.filter((name) => !(name !== undefined && name in scripts))).toEqual([]);
  });

  it('names only commands that exist', () => {
    const named = [...readme.matchAll(/npm run bulkhead -- ([a-z]+)/g)].map((match) => match[1]);
    const main = readFileSync('indexer/cli/main.ts', 'utf8');
    for (const name of new Set(named)) {
      expect(main).toContain(`register${(name ?? '')[0]?.toUpperCase()}${name?.slice(1)}(`);
    }
  });
});
