// The key with which messages are signed, and its certificate: made when first needed, and kept in the folder.

import { createHash, createPrivateKey, generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { replaceFile } from '../folder/durable-file.js';
import { selfSignedCertificate } from './certificate.js';

const DAY_MS = 86_400_000;
const LIFETIME_DAYS = 3650;

export type SignatureVersion = '1' | '2';

interface KeyWithCertificate {
  readonly privateKey: KeyObject;
  readonly certificate: string;
}

export class SigningKey {
  readonly #directory: string;
  readonly #now: () => number;
  #opened: Promise<KeyWithCertificate> | null = null;

  constructor(directory: string, now: () => number) {
    this.#directory = directory;
    this.#now = now;
  }

  /** Base64; SHA-1 for version 1, SHA-256 for version 2. Source: SNS developer guide, "Verifying the signatures". */
  async sign(text: string, version: SignatureVersion): Promise<string> {
    const { privateKey } = await this.#open();
    return sign(version === '2' ? 'sha256' : 'sha1', Buffer.from(text), privateKey).toString('base64');
  }

  async certificate(): Promise<string> {
    return (await this.#open()).certificate;
  }

  /** Path under which the certificate is served; another key has another. */
  async certificatePath(): Promise<string> {
    const digest = createHash('md5')
      .update(await this.certificate())
      .digest('hex');
    return `/SimpleNotificationService-${digest}.pem`;
  }

  #open(): Promise<KeyWithCertificate> {
    return (this.#opened ??= openOrMake(this.#directory, this.#now()));
  }
}

/** One file for both, so that they always belong together. */
async function openOrMake(directory: string, now: number): Promise<KeyWithCertificate> {
  const file = join(directory, 'signing-key.pem');
  const pem = (await readIfThere(file)) ?? (await make(file, now));
  return { privateKey: createPrivateKey(pem), certificate: pem.slice(pem.indexOf('-----BEGIN CERTIFICATE-----')) };
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
}

async function make(file: string, now: number): Promise<string> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const certificate = selfSignedCertificate({
    commonName: 'sns.amazonaws.com',
    publicKey,
    privateKey,
    serial: Buffer.concat([Buffer.from([1]), randomBytes(15)]),
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + LIFETIME_DAYS * DAY_MS),
  });
  const pem = `${privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()}${certificate}`;
  await replaceFile(file, pem);
  return pem;
}
