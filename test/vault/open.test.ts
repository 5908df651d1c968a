import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Failure } from '../../src/model/failure.js';
import { openVaults, type VaultSettings } from '../../src/vault/open.js';
import { bytesOf, hashed } from './bytes.js';
import { NAME, openRaw } from './raw-server.js';

const signal = new AbortController().signal;
const BASE = { timeoutMs: 1000, concurrency: 2 };

/** Nothing of the machine's own AWS settings may reach these tests, nor they the network. */
const EMPTY = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
};

describe('opening', () => {
  const before = { ...process.env };
  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
    Object.assign(process.env, EMPTY);
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });

  it.each([
    [{ region: 'us-east-1' }, 'https://glacier.us-east-1.amazonaws.com'],
    [{ region: 'cn-north-1' }, 'https://glacier.cn-north-1.amazonaws.com.cn'],
    [{ region: 'us-east-1', protocol: 'https' }, 'https://glacier.us-east-1.amazonaws.com'],
    [{ region: 'eu-west-1', protocol: 'http' }, 'http://glacier.eu-west-1.amazonaws.com'],
    [{ region: 'cn-north-1', protocol: 'http' }, 'http://glacier.cn-north-1.amazonaws.com.cn'],
    [{ region: 'us-east-1', endpoint: 'http://127.0.0.1:4711' }, 'http://127.0.0.1:4711'],
    [{ region: 'us-east-1', endpoint: 'http://127.0.0.1:4711/' }, 'http://127.0.0.1:4711'],
    [{ region: 'us-east-1', endpoint: 'https://example.test/below', protocol: 'http' }, 'https://example.test/below'],
  ] as const)('open: %o goes to %s', async (settings, endpoint) => {
    await using opened = await openVaults({ ...BASE, ...settings }, () => {});
    expect(opened.endpoint).toBe(endpoint);
    expect(opened.region).toBe(settings.region);
  });

  it('open: the environment tells region and endpoint where the settings do not', async () => {
    process.env['AWS_REGION'] = 'eu-north-1';
    process.env['AWS_ENDPOINT_URL_GLACIER'] = 'http://127.0.0.1:1';
    await using opened = await openVaults(BASE, () => {});
    expect(opened).toMatchObject({ region: 'eu-north-1', endpoint: 'http://127.0.0.1:1' });
  });

  it('open: FIPS endpoints, where the environment asks for them, are the ones that are used', async () => {
    process.env['AWS_USE_FIPS_ENDPOINT'] = 'true';
    await using aws = await openVaults({ ...BASE, region: 'us-east-1' }, () => {});
    expect(aws.endpoint).toBe('https://glacier-fips.us-east-1.amazonaws.com');
    await using raw = await openRaw((_, response) => response.end('{"VaultName":"photos"}'));
    expect((await raw.vaults.describe(NAME, signal)).name).toBe(NAME);
  });

  it.each([
    [{}, 'no usable region'],
    [{ region: 'us east' }, 'no usable region'],
    [{ region: 'us-east-1', endpoint: 'localhost:1' }, 'endpoint "localhost:1" is not a web address'],
    [{ region: 'us-east-1', key: 'k' }, 'key without secret'],
    [{ region: 'us-east-1', secret: 's' }, 'secret without key'],
  ] as [Partial<VaultSettings>, string][])('open: %o is a mistake in the configuration', async (settings, message) => {
    const opening = openVaults({ ...BASE, ...settings }, () => {});
    await expect(opening).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringContaining(message) });
  });

  it('open: an endpoint of the environment that is none is a mistake in the configuration', async () => {
    process.env['AWS_ENDPOINT_URL'] = 'garbage';
    const opening = openVaults({ ...BASE, region: 'us-east-1' }, () => {});
    await expect(opening).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringContaining('endpoint') });
  });

  it('open: what other threads need is plain data, with what the environment says looked up', async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'AENV';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'hidden';
    process.env['AWS_SESSION_TOKEN'] = 'token';
    process.env['AWS_REGION'] = 'eu-north-1';
    await using opened = await openVaults(BASE, () => {});
    const resolved = await opened.resolved(signal);
    expect(structuredClone(resolved)).toEqual({
      ...BASE,
      region: 'eu-north-1',
      endpoint: 'https://glacier.eu-north-1.amazonaws.com',
      key: 'AENV',
      secret: 'hidden',
      token: 'token',
      reached: false,
    });
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_REGION']) {
      delete process.env[name];
    }
    await using again = await openVaults(resolved, () => {});
    expect(await again.resolved(signal)).toEqual(resolved);
  });

  it('open: other threads are told that the vaults were reached, as soon as they were', async () => {
    await using raw = await openRaw((_, response) => response.end('{"VaultName":"photos"}'));
    const settings = { ...BASE, region: 'us-east-1', endpoint: raw.endpoint, key: 'AKEY', secret: 'ASECRET' };
    await using opened = await openVaults(settings, () => {});
    expect(await opened.resolved(signal)).toMatchObject({ reached: false });
    await opened.vaults.describe(NAME, signal);
    const resolved = await opened.resolved(signal);
    expect(resolved).toMatchObject({ reached: true });
    await using again = await openVaults(resolved, () => {});
    expect(await again.resolved(signal)).toEqual(resolved);
  });

  it('open: keys that expire are left to those who can renew them', async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'AENV';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'hidden';
    process.env['AWS_CREDENTIAL_EXPIRATION'] = new Date(Date.now() + 3_600_000).toISOString();
    await using opened = await openVaults({ ...BASE, region: 'us-east-1' }, () => {});
    const resolved = await opened.resolved(signal);
    expect(resolved).toMatchObject({ endpoint: 'https://glacier.us-east-1.amazonaws.com' });
    expect(resolved).not.toHaveProperty('key');
    expect(resolved).not.toHaveProperty('secret');
  });

  it('open: requests that carry bytes are signed with whatever keys the environment has', async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'AENV';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'hidden';
    process.env['AWS_SESSION_TOKEN'] = 'token';
    const seen: IncomingMessage['headers'][] = [];
    await using raw = await openRaw((request, response) => {
      seen.push(request.headers);
      response.writeHead(201, { 'x-amz-archive-id': 'a' }).end();
    });
    const settings = { ...BASE, region: 'us-east-1', endpoint: raw.endpoint, userAgent: 'mtglacier/1.2.3' };
    await using opened = await openVaults(settings, () => {});
    await opened.vault(NAME).uploadWhole(hashed(bytesOf(10)), '', signal);
    expect(seen[0]).toMatchObject({
      authorization: expect.stringContaining('Credential=AENV/'),
      'user-agent': 'mtglacier/1.2.3',
      'x-amz-glacier-version': '2012-06-01',
      'x-amz-security-token': 'token',
    });
  });

  it.each(['describe', 'upload', 'resolve'])(
    'open: without credentials the first request says where they belong: %s',
    async (deed) => {
      const settings = { ...BASE, region: 'us-east-1', endpoint: 'http://127.0.0.1:1' };
      await using opened = await openVaults(settings, () => {});
      const deeds: Record<string, () => Promise<unknown>> = {
        describe: () => opened.vaults.describe(NAME, signal),
        upload: () => opened.vault(NAME).uploadWhole(hashed(bytesOf(10)), '', signal),
        resolve: () => opened.resolved(signal),
      };
      const asking = deeds[deed]!();
      const failure = (await asking.catch((thrown: unknown) => thrown)) as Failure;
      expect(failure.code).toBe('ACCESS_DENIED');
      expect(failure.hint).toContain('--profile');
    },
  );
});
