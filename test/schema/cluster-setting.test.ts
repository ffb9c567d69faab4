import { describe, expect, it } from 'vitest';
import { UsageError } from '../../schema/errors.ts';
import { readSettings } from '../../schema/settings.ts';

describe('CLICKHOUSE_CLUSTER', () => {
  const CLICKHOUSE_URL = 'http://127.0.0.1:8123';

  it('is the cluster that the server belongs to', () => {
    const named = readSettings({ CLICKHOUSE_URL, CLICKHOUSE_CLUSTER: 'main-1.eu' });
    expect(named.clickhouseCluster).toBe('main-1.eu');
    expect(readSettings({ CLICKHOUSE_URL, CLICKHOUSE_CLUSTER: ' ' }).clickhouseCluster).toBe(
      undefined,
    );
  });

  it('needs a server, and a name that can stand in a statement', () => {
    expect(() => readSettings({ CLICKHOUSE_CLUSTER: 'main' })).toThrow(UsageError);
    expect(() => readSettings({ CLICKHOUSE_URL, CLICKHOUSE_CLUSTER: "a' b" })).toThrow(
      /CLICKHOUSE_CLUSTER/,
    );
  });
});
