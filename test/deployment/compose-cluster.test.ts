import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const compose = parse(readFileSync('docker-compose.cluster.yml', 'utf8'), { merge: true }) as {
  services: Record<
    string,
    {
      environment?: Record<string, string>;
      ports?: string[];
      hostname?: string;
      volumes?: string[];
    }
  >;
  configs: Record<'cluster' | 'keeper', { content: string }>;
};
const services = Object.entries(compose.services);
const hostsIn = (xml: string, tag: string) =>
  [...xml.matchAll(new RegExp(`<${tag}>([^<]+)</${tag}>`, 'g'))].map(([, host]) => host);

describe('docker-compose.cluster.yml', () => {
  it('fits the JSON schema of the Compose Specification', () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const schema = JSON.parse(readFileSync('test/fixtures/compose/compose-spec.json', 'utf8'));
    delete schema.$schema;
    const validate = ajv.compile(schema);
    expect(validate(compose) ? [] : validate.errors).toEqual([]);
  });

  it('gives every host of the cluster its own place, name and volume', () => {
    const servers = services.filter(([name]) => name.startsWith('clickhouse-'));
    const xml = compose.configs.cluster.content;
    expect(hostsIn(xml.replace(/<zookeeper>[\s\S]*<\/zookeeper>/, ''), 'host')).toEqual(
      servers.map(([name]) => name),
    );
    for (const [name, { environment, hostname, volumes }] of servers) {
      expect(name).toBe(`clickhouse-${environment?.['SHARD']}-${environment?.['REPLICA']}`);
      expect(hostname).toBe(name);
      expect(volumes).toEqual([`${name}:/var/lib/clickhouse`]);
    }
    const cluster = compose.services['index']?.environment?.['CLICKHOUSE_CLUSTER'];
    expect(xml).toContain(`<${cluster}>`);
    expect(xml.match(/<internal_replication>true</g)).toHaveLength(2);
  });

  it('names the same keepers everywhere, and works the queue of DDL in order', () => {
    const keepers = services.filter(([name]) => name.startsWith('keeper-')).map(([name]) => name);
    const [, zookeeper = ''] =
      /<zookeeper>([\s\S]*)<\/zookeeper>/.exec(compose.configs.cluster.content) ?? [];
    expect(hostsIn(zookeeper, 'host')).toEqual(keepers);
    expect(hostsIn(compose.configs.keeper.content, 'hostname')).toEqual(keepers);
    expect(compose.configs.cluster.content).toContain('<pool_size>1</pool_size>');
  });

  it('has no default password and publishes only the API, on loopback', () => {
    for (const [name, { environment, ports }] of services) {
      if (name.startsWith('keeper-')) continue;
      expect(environment?.['CLICKHOUSE_PASSWORD'], name).toMatch(/^\$\{CLICKHOUSE_PASSWORD:\?/);
      for (const port of ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
    expect(services.filter(([, { ports }]) => ports).map(([name]) => name)).toEqual(['serve']);
  });
});
