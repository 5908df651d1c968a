// What the rows of one area are played on: a local vault with a clock of its own, and the requests that rows are made of.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalVault, type LocalVaultOptions, startLocalVault } from '../../../../src/edges/local-server/start.js';
import { bothHashes, outputOf, type RawAnswer, type RawRequest, send } from '../raw-client.js';

export const MIB = 1024 * 1024;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const HELLO = Buffer.from('hello');
export const A4 = Buffer.alloc(4 * MIB, 'a');
export const B65 = Buffer.alloc(6.5 * MIB, 'b');
/** A tree hash, of nothing that is here. */
export const WRONG = '0'.repeat(63) + '1';
/** Times of vaults, jobs and uploads. */
export const MILLISECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

type Headers = Readonly<Record<string, string | null>>;

export class Stage {
  vault!: LocalVault;
  /** By the vaults' clock, ms. */
  now = Date.parse('2026-03-01T12:00:00.250Z');
  /** Ids that rows have kept for later ones. */
  readonly ids: Record<string, string> = {};
  readonly #options: Partial<LocalVaultOptions>;
  readonly #prepare: (stage: Stage) => Promise<unknown>;
  #directory = '';

  constructor(prepare: (stage: Stage) => Promise<unknown>, options: Partial<LocalVaultOptions> = {}) {
    this.#prepare = prepare;
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), 'local-vault-'));
    this.vault = await startLocalVault({ directory: this.#directory, now: () => this.now, ...this.#options });
    await this.#prepare(this);
  }

  async close(): Promise<void> {
    await this.vault.close();
    await rm(this.#directory, { recursive: true });
  }

  arn(name: string): string {
    return `arn:aws:glacier:us-east-1:${this.vault.accountId}:vaults/${name}`;
  }

  at(path: string): string {
    return `/${this.vault.accountId}/vaults/${path}`;
  }

  /** The answer to what must not be refused. */
  async done(request: RawRequest): Promise<RawAnswer> {
    const answer = await send(this.vault, request);
    if (answer.status >= 300) throw new Error(`${request.path} was refused: ${answer.body.toString()}`);
    return answer;
  }

  async json(path: string): Promise<Record<string, unknown>> {
    return (await this.done(get(path))).json;
  }

  async makeVaults(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.done(put(name));
  }

  /** How many archives the vault has, by its last inventory. */
  async count(name = 'V'): Promise<unknown> {
    return (await this.json(name))['NumberOfArchives'];
  }

  /** The output of a job that is ready. */
  output(job: string, range?: string, name = 'V'): Promise<RawAnswer> {
    return send(this.vault, outputOf(name, this.ids[job] ?? job, range));
  }

  /** All items of a list, page by page. */
  async pages<Item>(path: string, list: string, limit: number): Promise<Item[][]> {
    const pages: Item[][] = [];
    for (let marker: string | null = ''; marker !== null; ) {
      const mark = path.includes('?') ? '&' : '?';
      const page = await this.json(`${path}${mark}limit=${limit}&marker=${encodeURIComponent(marker)}`);
      pages.push(page[list] as Item[]);
      marker = page['Marker'] as string | null;
    }
    return pages;
  }
}

/** Paths are those below the account's vaults. */
export function get(path: string, headers: Headers = {}): RawRequest {
  return { method: 'GET', path: pathOf(path), headers };
}

export function put(path: string, json?: unknown): RawRequest {
  return { method: 'PUT', path: pathOf(path), ...bodyOf(json) };
}

export function post(path: string, json?: unknown, headers: Headers = {}): RawRequest {
  return { method: 'POST', path: pathOf(path), headers, ...bodyOf(json) };
}

export function remove(path: string): RawRequest {
  return { method: 'DELETE', path: pathOf(path) };
}

export function archive(more: Headers = {}, body = HELLO, name = 'V'): RawRequest {
  return { ...post(`${name}/archives`, undefined, { ...bothHashes(body), ...more }), body };
}

function pathOf(path: string): string {
  return path === '' || path.startsWith('?') ? `/-/vaults${path}` : `/-/vaults/${path}`;
}

function bodyOf(json: unknown): Partial<RawRequest> {
  if (json === undefined) return {};
  return { body: typeof json === 'string' ? json : JSON.stringify(json) };
}
