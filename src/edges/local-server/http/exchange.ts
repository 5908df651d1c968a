// One request and its answer, as operations see them, and the service that they act on.

import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import type { HashThreads } from '../bodies/hash-threads.js';
import type { VaultClock } from '../control/clock.js';
import type { Conditions } from '../control/conditions.js';
import type { AccountFolder } from '../folder/account-folder.js';
import type { Vault } from '../vault/vault.js';
import { invalidParameter, missingParameter, notFound } from './errors.js';

export type Tier = 'Expedited' | 'Standard' | 'Bulk';

/** The service as one account sees it. */
export interface Service {
  readonly folder: AccountFolder;
  readonly region: string;
  readonly realistic: boolean;
  /** From a job's creation to its output. */
  readonly delaysMs: Readonly<Record<Tier | 'Inventory', number>>;
  readonly conditions: Conditions;
  /** Where the bodies of archives are hashed. */
  readonly hashing: HashThreads;
  /** Of vaults and jobs; may go faster than real time, and be moved. */
  readonly clock: VaultClock;
  /** What it shows, in ms since 1970. */
  now(): number;
}

/** Names in the path, decoded; empty where the path has none. */
export interface PathNames {
  readonly vault: string;
  readonly archive: string;
  readonly upload: string;
  readonly job: string;
  readonly lock: string;
}

export interface Call {
  readonly names: PathNames;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  /** Empty for the operations that take an archive's bytes: those read `incoming`. */
  readonly body: Buffer;
  readonly incoming: AsyncIterable<Buffer>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: object;
  /** Writes the body itself and ends it; `headers` then has its length. */
  readonly write?: (to: Writable) => Promise<void>;
}

export type Operation = (service: Service, call: Call) => Promise<Answer> | Answer;

export function arnOf(service: Service, vault: string): string {
  return `arn:aws:glacier:${service.region}:${service.folder.account.accountId}:vaults/${vault}`;
}

/** Path below the account, as `Location` headers have it: with the real account number. */
export function locationOf(service: Service, path: string): string {
  return `/${service.folder.account.accountId}/vaults/${path}`;
}

const VAULT_NAME = /^[A-Za-z0-9_.-]{1,255}$/;

export function isVaultName(name: string): boolean {
  return VAULT_NAME.test(name);
}

/** @throws ApiError when there is no such vault; a name that none can have is repeated as it came */
export function vaultOf(service: Service, call: Call): Vault {
  const name = call.names.vault;
  const vault = service.folder.vaults.get(name);
  if (vault !== undefined) return vault;
  throw notFound(`Vault not found for ARN: ${isVaultName(name) ? arnOf(service, name) : name}`);
}

/** Text of a header; undefined when it was not sent. @throws ApiError when it was sent more than once */
export function headerOf(call: Call, name: string): string | undefined {
  const [value, ...more] = call.request.headersDistinct[name] ?? [];
  if (more.length === 0) return value;
  throw invalidParameter(`The header ${name} was sent more than once.`);
}

/** @throws ApiError when the header is missing or empty */
export function requiredHeader(call: Call, name: string): string {
  const value = headerOf(call, name);
  if (value === undefined || value === '') throw missingParameter(name);
  return value;
}

/** Archive description, without leading blanks. @throws ApiError when it is too long or not printable ASCII */
export function descriptionOf(call: Call): string {
  return checkDescription((headerOf(call, 'x-amz-archive-description') ?? '').trimStart());
}

export function checkDescription(text: string): string {
  if (/^[\x20-\x7e]{0,1024}$/.test(text)) return text;
  throw invalidParameter('Invalid description: it must be at most 1024 printable ASCII characters, 0x20 to 0x7E.');
}

/** Size of the body that is coming. @throws ApiError unless it is from 1 to `max` */
export function announcedSize(call: Call, max: number): number {
  const text = headerOf(call, 'content-length');
  if (text === undefined) throw missingParameter('Content-Length');
  if (Number(text) < 1 || Number(text) > max) throw invalidParameter(`Invalid Content-Length: ${text}`);
  return Number(text);
}

/** @throws ApiError when it is missing or not 64 hex digits */
export function treeHashHeader(call: Call): string {
  const value = requiredHeader(call, 'x-amz-sha256-tree-hash');
  if (!/^[0-9a-fA-F]{64}$/.test(value)) throw invalidParameter(`Invalid x-amz-sha256-tree-hash: ${value}`);
  return value.toLowerCase();
}

export function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
