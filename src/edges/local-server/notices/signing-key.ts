// The key with which messages are signed, and its certificate: made when first needed, and kept in the folder.

import { createHash, createPrivateKey, generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../../../model/failure.js';
import { replaceFile } from '../durable/durable-file.js';
import { ifThere } from '../durable/if-there.js';
import { isSealed, type SealForm, sealOf, sealSizeOf } from '../durable/seal.js';
import { selfSignedCertificate } from './certificate.js';

const DAY_MS = 86_400_000;
const LIFETIME_DAYS = 3650;
const FILE = 'signing-key.pem';
/** Whatever reads PEM passes over what follows the last block. */
const SEAL: SealForm = { before: Buffer.from('sum: '), after: Buffer.from('\n') };

/** How letters of a topic are signed: by SHA-1, or by SHA-256. */
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
  const file = join(directory, FILE);
  const found = await readSigningKey(directory);
  const pem = found?.pem ?? (await make(now));
  const key = { privateKey: createPrivateKey(pem), certificate: pem.slice(pem.indexOf('-----BEGIN CERTIFICATE-----')) };
  if (found === null || found.isOld) await replaceFile(file, `${pem}${sealOf(pem, SEAL)}`);
  return key;
}

/**
 * The key and its certificate; null where there are none yet. Old ones have no checksum.
 * @throws Failure CONFIG when they are damaged
 */
export async function readSigningKey(directory: string): Promise<{ pem: string; isOld: boolean } | null> {
  const file = join(directory, FILE);
  const bytes = await ifThere(readFile(file));
  if (bytes === null) return null;
  if (isSealed(bytes, SEAL, 0, bytes.length)) {
    return { pem: bytes.toString('utf8', 0, bytes.length - sealSizeOf(SEAL)), isOld: false };
  }
  const pem = bytes.toString();
  if (pem.endsWith('-----END CERTIFICATE-----\n')) return { pem, isOld: true };
  throw new Failure('CONFIG', `${file} is damaged`, {
    hint: 'restore it from a copy of the folder, or delete it: then another one is made',
  });
}

async function make(now: number): Promise<string> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const certificate = selfSignedCertificate({
    commonName: 'sns.amazonaws.com',
    publicKey,
    privateKey,
    serial: Buffer.concat([Buffer.from([1]), randomBytes(15)]),
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + LIFETIME_DAYS * DAY_MS),
  });
  return `${privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()}${certificate}`;
}
