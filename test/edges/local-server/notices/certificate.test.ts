// The certificate made by hand, as Node and, where there is one, OpenSSL read it.

import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { selfSignedCertificate } from '../../../../src/edges/local-server/notices/certificate.js';

const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (notAfter: string): string =>
  selfSignedCertificate({
    ...keys,
    commonName: 'sns.amazonaws.com',
    serial: Buffer.from('7f0102', 'hex'),
    notBefore: new Date('2026-01-02T03:04:05Z'),
    notAfter: new Date(notAfter),
  });

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe('certificate', () => {
  test.each(['2049-12-31T23:59:59Z', '2050-01-01T00:00:00Z'])('is read by Node as it was meant, until %s', (until) => {
    const read = new X509Certificate(pem(until));
    expect(read.subject).toBe('CN=sns.amazonaws.com');
    expect(read.issuer).toBe('CN=sns.amazonaws.com');
    expect(read.subjectAltName).toBe('DNS:sns.amazonaws.com');
    expect(read.serialNumber).toBe('7F0102');
    expect(new Date(read.validFrom)).toEqual(new Date('2026-01-02T03:04:05Z'));
    expect(new Date(read.validTo)).toEqual(new Date(until));
    expect(read.ca).toBe(true);
    expect(read.publicKey.export({ type: 'spki', format: 'pem' })).toBe(
      keys.publicKey.export({ type: 'spki', format: 'pem' }),
    );
    expect(read.verify(keys.publicKey)).toBe(true);
    expect(read.checkPrivateKey(keys.privateKey)).toBe(true);
  });

  test.runIf(hasOpenssl)('is trusted by OpenSSL when it is its own authority', () => {
    const file = join(folder, 'certificate.pem');
    writeFileSync(file, pem('2050-01-01T00:00:00Z'));
    expect(
      execFileSync('openssl', ['verify', '-x509_strict', '-no_check_time', '-CAfile', file, file]).toString(),
    ).toContain('OK');
  });
});
