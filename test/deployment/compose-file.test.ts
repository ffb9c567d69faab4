import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const text = readFileSync('docker-compose.yml', 'utf8');
const compose = parse(text, { merge: true }) as {
  services: Record<
    string,
    { environment?: Record<string, string>; ports?: string[]; healthcheck?: object }
  >;
  volumes: object;
};

function validator() {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // The schema file names its dialect by https; ajv registers draft-07 by http.
  const schema = JSON.parse(readFileSync('test/fixtures/compose/compose-spec.json', 'utf8'));
  delete schema.$schema;
  return ajv.compile(schema);
}

describe('docker-compose.yml', () => {
  it('fits the JSON schema of the Compose Specification', () => {
    const validate = validator();
    expect(validate(compose) ? [] : validate.errors).toEqual([]);
  });

  it('is told apart from a file that does not fit', () => {
    const validate = validator();
    expect(validate({ services: { clickhouse: { image: 7 } } })).toBe(false);
  });

  it('exposes no default password and publishes only the API, on loopback', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      const password = service.environment?.['CLICKHOUSE_PASSWORD'];
      expect(password, name).toMatch(/^\$\{CLICKHOUSE_PASSWORD:\?/);
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
    expect(compose.services['clickhouse']?.ports).toBeUndefined();
  });

  it('has a health check for both servers and a volume for the data', () => {
    expect(compose.services['clickhouse']?.healthcheck).toBeDefined();
    expect(compose.services['serve']?.healthcheck).toBeDefined();
    expect(compose.volumes).toHaveProperty('clickhouse-data');
  });
});
