// Random names in the shapes that AWS gives out: archives, uploads, jobs, requests, accounts and keys.

import { randomBytes, randomInt } from 'node:crypto';
import { RandomPool } from './random-pool.js';

const ID = /^[A-Za-z0-9_-]+$/;
const ARCHIVE_ID_LENGTH = 138;
const SHORT_ID_LENGTH = 92;
const SETTING_ID_LENGTH = 24;

const pool = new RandomPool();

/** Glacier's ids may begin with `-`, which breaks careless clients; one in eight of ours does, on purpose. */
function idOf(length: number): string {
  const text = pool
    .take(Math.ceil((length * 3) / 4))
    .toString('base64url')
    .slice(0, length);
  return randomInt(8) === 0 ? `-${text.slice(1)}` : text;
}

export function newArchiveId(): string {
  return idOf(ARCHIVE_ID_LENGTH);
}

export function newUploadId(): string {
  return idOf(SHORT_ID_LENGTH);
}

export function newJobId(): string {
  return idOf(SHORT_ID_LENGTH);
}

/** Of a vault lock. */
export function newLockId(): string {
  return idOf(SETTING_ID_LENGTH);
}

/** Of a unit of provisioned capacity. */
export function newCapacityId(): string {
  return idOf(SETTING_ID_LENGTH);
}

export function newRequestId(): string {
  return pool.take(35).toString('base64url');
}

/** Distinguishes files of one name; never leaves the folder. */
export function newSuffix(): string {
  return pool.take(4).toString('hex');
}

export function newAccountId(): string {
  return String(randomInt(100_000_000_000, 1_000_000_000_000));
}

export function newAccessKeyId(prefix: 'AKIA' | 'ASIA'): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  return `${prefix}${Array.from({ length: 16 }, () => alphabet[randomInt(alphabet.length)]).join('')}`;
}

export function newSecretAccessKey(): string {
  return randomBytes(30).toString('base64');
}

/** As long as the tokens of AWS's own service for temporary keys, and with their alphabet. */
export function newSessionToken(): string {
  return randomBytes(270).toString('base64');
}

/** Whether an archive id could be one of Glacier's. */
export function isArchiveId(text: string): boolean {
  return text.length === ARCHIVE_ID_LENGTH && ID.test(text);
}
