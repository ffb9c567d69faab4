import { describe, expect, it } from 'vitest';
import { UsageError } from '../../schema/errors.ts';
import { readSettings, secretsOf } from '../../schema/settings.ts';

describe('readSettings', () => {
  it('gives the defaults for an empty environment', () => {
    expect(readSettings({})).toEqual({
      envioApiToken: undefined,
      hypersyncUrl: undefined,
      hypersyncRetrySeconds: 60,
      hypersyncRecount: true,
      clickhouseUrl: undefined,
      clickhouseUser: 'default',
      clickhousePassword: '',
      clickhouseDatabase: 'bulkhead',
      dataDirectory: '.bulkhead',
      port: 4000,
      host: '127.0.0.1',
      logLevel: 'info',
    });
  });

  it('reads a blank variable as not set', () => {
    const settings = readSettings({ ENVIO_API_TOKEN: '', PORT: ' ', HYPERSYNC_URL: '', HOST: '' });
    expect(settings.envioApiToken).toBeUndefined();
    expect(settings.hypersyncUrl).toBeUndefined();
    expect(settings.port).toBe(4000);
    expect(settings.host).toBe('127.0.0.1');
  });

  it('trims the trailing slash of an endpoint', () => {
    const settings = readSettings({
      HYPERSYNC_URL: 'https://42161.hypersync.xyz//',
      CLICKHOUSE_URL: 'http://localhost:8123/',
    });
    expect(settings.hypersyncUrl).toBe('https://42161.hypersync.xyz');
    expect(settings.clickhouseUrl).toBe('http://localhost:8123');
  });

  it('lists all faults at once and never the values', () => {
    const read = () =>
      readSettings({
        PORT: '70000',
        HYPERSYNC_URL: 'ftp://s3cret@example.org',
        CLICKHOUSE_URL: 'http://admin:hunter2@localhost:8123',
        CLICKHOUSE_DATABASE: 'default',
        LOG_LEVEL: 'loud',
        ENVIO_API_TOKEN: 'tok-1234',
        CLICKHOUSE_PASSWORD: 'pass-5678',
      });
    expect(read).toThrow(UsageError);
    let message = '';
    try {
      read();
    } catch (error) {
      message = String(error);
    }
    for (const name of [
      'PORT',
      'HYPERSYNC_URL',
      'CLICKHOUSE_URL',
      'CLICKHOUSE_DATABASE',
      'LOG_LEVEL',
    ]) {
      expect(message).toContain(name);
    }
    for (const secret of ['s3cret', 'hunter2', 'tok-1234', 'pass-5678']) {
      expect(message).not.toContain(secret);
    }
  });

  it('names the secrets for the logger', () => {
    expect(
      secretsOf(readSettings({ ENVIO_API_TOKEN: 'a-token', CLICKHOUSE_PASSWORD: 'pw' })),
    ).toEqual(['a-token', 'pw']);
    expect(secretsOf(readSettings({}))).toEqual([]);
  });
});
