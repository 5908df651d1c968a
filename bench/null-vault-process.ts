// A vault that forgets in a process of its own, in the clear or over TLS, and commands of the program against it.

import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Ran, Service, Stage } from './stage.js';
import type { Work } from './work.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Believed by a vault that looks at no signature. */
const CREDENTIALS = [`key = ${'BENCH'.repeat(4)}`, `secret = ${'0'.repeat(40)}`];
const CONFIG = 'null-vault.cfg';
const CERTIFICATE = 'null-vault.pem';
const KEY = 'null-vault.key';

export interface NullVaultOptions {
  /** Before each answer. */
  readonly delayMs?: number;
  /** The file that every retrieval gives. */
  readonly content?: string;
  readonly tls?: boolean;
}

export type Served = Pick<Work, 'runs' | 'servers'>;

export class NullVault implements AsyncDisposable {
  readonly #stage: Stage;
  readonly #service: Service;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(stage: Stage, service: Service, env: Readonly<Record<string, string>>) {
    this.#stage = stage;
    this.#service = service;
    this.#env = env;
  }

  static async start(stage: Stage, { delayMs = 0, content, tls = false }: NullVaultOptions = {}): Promise<NullVault> {
    if (tls) await makeCertificate(stage);
    const words = [
      '--delay',
      String(delayMs),
      ...(content === undefined ? [] : ['--content', stage.path(content)]),
      ...(tls ? ['--certificate', stage.path(CERTIFICATE), '--key', stage.path(KEY)] : []),
    ];
    const service = await stage.serveScript('null-vault.js', ...words);
    const endpoint = tls ? `https://localhost:${service.greeting}` : `http://127.0.0.1:${service.greeting}`;
    const config = [...CREDENTIALS, 'region = us-east-1', 'vault = bench', `endpoint = ${endpoint}`];
    writeFileSync(stage.path(CONFIG), `${config.join('\n')}\n`, { mode: 0o600 });
    return new NullVault(stage, service, tls ? { NODE_EXTRA_CA_CERTS: stage.path(CERTIFICATE) } : {});
  }

  /** The command so many times, and what the vault took for each. @param before what must be done before each */
  async repeated(times: number, before: (time: number) => void, ...words: readonly string[]): Promise<Served> {
    const runs: Ran[] = [];
    const servers: Pick<Ran, 'cpuMs'>[] = [];
    for (let time = 1; time <= times; time++) {
      before(time);
      const used = this.#service.cpuMs();
      runs.push(await this.#stage.runIn(this.#env, ...words, '--config', CONFIG));
      servers.push({ cpuMs: this.#service.cpuMs() - used });
    }
    return { runs, servers };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service.stop();
  }
}

interface Certificates {
  readonly selfSignedCertificate: (wish: object) => string;
}

/** For `localhost`, by the local vault's own writer of certificates, since Node makes none. */
async function makeCertificate(stage: Stage): Promise<void> {
  const writer = stage.path('program', 'dist', 'edges', 'local-server', 'notices', 'certificate.js');
  const { selfSignedCertificate } = (await import(pathToFileURL(writer).href)) as Certificates;
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [notBefore, notAfter] = [new Date(Date.now() - DAY_MS), new Date(Date.now() + DAY_MS)];
  const wish = { commonName: 'localhost', publicKey, privateKey, serial: Buffer.from([1]), notBefore, notAfter };
  writeFileSync(stage.path(CERTIFICATE), selfSignedCertificate(wish));
  writeFileSync(stage.path(KEY), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
}
