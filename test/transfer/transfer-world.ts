// A directory, a local vault before which requests can be counted and held, and transfers between the two.

import { once } from 'node:events';
import { statSync, truncateSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lookAt } from '../../src/disk/look.js';
import { type Place, placeOf } from '../../src/disk/place.js';
import type { RunEvent } from '../../src/model/events.js';
import { type UploadId, VaultName } from '../../src/model/identifiers.js';
import type { LocalFile } from '../../src/model/local-file.js';
import { RelPath } from '../../src/model/rel-path.js';
import type { Transfer } from '../../src/transfer/port.js';
import { type OpenVaults, openVaults, type VaultSettings } from '../../src/vault/open.js';
import type { Vault } from '../../src/vault/port.js';
import { type ReadyRetrieval, wholeAt } from '../../src/vault/retrieving-port.js';
import { never, TemporaryDirectory } from '../disk/temporary-directory.js';
import { type Serving, serving } from '../edges/local-server/serving.js';
import { collected } from '../vault/bytes.js';

export const NAME = VaultName.parse('photos');

export interface TransferSetup {
  readonly place: Place;
  readonly settings: VaultSettings;
  readonly vault: Vault;
  readonly width: number;
  readonly report: (event: RunEvent) => void;
}

export type OpenTransfer = (setup: TransferSetup) => Transfer & AsyncDisposable;

export class TransferWorld implements AsyncDisposable {
  readonly tree = new TemporaryDirectory();
  readonly place = placeOf(this.tree.path);
  readonly events: RunEvent[] = [];
  /** Called with each event that is told. */
  onEvent: (event: RunEvent) => void = () => undefined;
  readonly server: Serving;
  readonly gate: CountingGate;
  readonly vault: Vault;
  readonly #vaults: OpenVaults;
  readonly #open: OpenTransfer;
  readonly #settings: VaultSettings;
  readonly #transfers: AsyncDisposable[] = [];

  static async open(open: OpenTransfer): Promise<TransferWorld> {
    const server = await serving({ delaysMs: { Standard: 0 } });
    const { endpoint, region, accessKeyId: key, secretAccessKey: secret } = server.vault;
    const gate = await CountingGate.open(endpoint);
    const settings = { endpoint: gate.endpoint, region, key, secret, timeoutMs: 10_000, concurrency: 8 };
    const vaults = await openVaults(settings, () => undefined);
    await vaults.vaults.create(NAME, never);
    return new TransferWorld(open, server, gate, vaults, settings);
  }

  private constructor(
    open: OpenTransfer,
    server: Serving,
    gate: CountingGate,
    vaults: OpenVaults,
    settings: VaultSettings,
  ) {
    this.#open = open;
    this.server = server;
    this.gate = gate;
    this.#vaults = vaults;
    this.#settings = settings;
    this.vault = vaults.vault(NAME);
  }

  transfer(width = 3, place = this.place): Transfer & AsyncDisposable {
    const report = (event: RunEvent): void => {
      this.events.push(event);
      this.onEvent(event);
    };
    const vault = this.#vaults.vault(NAME, report);
    const transfer = this.#open({ place, settings: this.#settings, vault, width, report });
    this.#transfers.push(transfer);
    return transfer;
  }

  /** Writes a file, and finds it. */
  put(name: string, content: Uint8Array | string): LocalFile {
    this.tree.put(name, content);
    return this.found(name);
  }

  /** A file of zeros that takes no room. */
  putZeros(name: string, size: number): LocalFile {
    this.tree.put(name, '');
    truncateSync(`${this.tree.path}/${name}`, size);
    return this.found(name);
  }

  found(name: string, place = this.place): LocalFile {
    const looked = lookAt(place, RelPath.parse(name));
    if (looked.kind !== 'file') throw new Error(`${name} is ${looked.kind}`);
    return looked.file;
  }

  sizeOf(name: string): number {
    return statSync(`${this.tree.path}/${name}`).size;
  }

  begin(partSize: number): Promise<UploadId> {
    return this.vault.beginUpload(partSize, 'in parts', never);
  }

  /** Sum of the bytes that were told to have moved. */
  get moved(): number {
    return this.events.reduce((sum, event) => sum + (event.event === 'moved' ? event.bytes : 0), 0);
  }

  get retried(): string[] {
    return this.events.flatMap((event) => (event.event === 'retrying' ? [event.request] : []));
  }

  /** Asks for an archive, and waits for nothing: retrievals take no time here. */
  async ready(archiveId: Parameters<Vault['requestRetrieval']>[0]): Promise<ReadyRetrieval> {
    await this.vault.requestRetrieval(archiveId, wholeAt('Standard'), never);
    for await (const { retrieval } of this.vault.retrievals([{ id: archiveId }], never)) {
      if (retrieval.state === 'ready') return retrieval;
    }
    throw new Error('it is not ready');
  }

  /** Content of an archive, as the vault has it. */
  async content(archiveId: Parameters<Vault['requestRetrieval']>[0]): Promise<Buffer> {
    const ready = await this.ready(archiveId);
    const { body } = await this.vault.read(ready, { start: 0, end: ready.size }, never);
    return collected(body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gate[Symbol.asyncDispose]();
    for (const transfer of this.#transfers) await transfer[Symbol.asyncDispose]();
    await this.#vaults[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    this.tree[Symbol.dispose]();
  }
}

/** Passes requests on to a local vault, knows how many are in flight, and can hold them back. */
export class CountingGate implements AsyncDisposable {
  readonly endpoint: string;
  /** Most requests that were ever in flight at once. */
  most = 0;
  readonly #server: ReturnType<typeof createServer>;
  #inFlight = 0;
  /** Held until so many are in flight at once. */
  #party = 1;
  readonly #held: (() => void)[] = [];
  #arrived: () => void = () => undefined;

  static async open(endpoint: string): Promise<CountingGate> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CountingGate(server, endpoint);
  }

  private constructor(server: ReturnType<typeof createServer>, endpoint: string) {
    this.#server = server;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (incoming, answer) => this.#take(endpoint, incoming, answer));
  }

  /** Lets requests through only when so many have come, all of them at once. */
  onlyTogether(count: number): void {
    this.#party = count;
  }

  /** Holds every request that comes from now on; ends when so many have come. */
  async holding(count: number): Promise<void> {
    this.#party = Number.POSITIVE_INFINITY;
    while (this.#held.length < count) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  /** Lets go of what is held, and holds nothing any more. */
  release(): void {
    this.#party = 1;
    for (const go of this.#held.splice(0)) go();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #take(endpoint: string, incoming: IncomingMessage, answer: ServerResponse): void {
    this.#inFlight++;
    this.most = Math.max(this.most, this.#inFlight);
    answer.once('close', () => this.#inFlight--);
    this.#held.push(() => passOn(endpoint, incoming, answer));
    this.#arrived();
    if (this.#held.length >= this.#party) for (const go of this.#held.splice(0)) go();
  }
}

/** Headers go as they came, the host's name too, because they are signed. */
function passOn(endpoint: string, incoming: IncomingMessage, answer: ServerResponse): void {
  const { method, url, rawHeaders } = incoming;
  const onward = request(new URL(url ?? '/', endpoint), { method, headers: rawHeaders, setHost: false }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
    response.on('error', () => answer.destroy());
    response.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  incoming.on('error', () => onward.destroy());
  incoming.pipe(onward);
}
