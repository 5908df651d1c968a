// Our own local vault in a process of its own, and commands of the program against it.

import type { Ran, Service, Stage } from './stage.js';

const VAULT = 'bench';

/** A command with the server that it spoke to. */
export interface Served {
  readonly client: Ran;
  /** From its start to its end, which is little more than the command. */
  readonly server: Ran;
}

/** A vault on a folder of the stage; a server runs only while a command does. */
export class BenchVault {
  readonly #stage: Stage;
  readonly #name: string;

  private constructor(stage: Stage, name: string) {
    this.#stage = stage;
    this.#name = name;
  }

  static async create(stage: Stage, name: string): Promise<BenchVault> {
    const vault = new BenchVault(stage, name);
    await vault.#served(['create-vault', VAULT]);
    return vault;
  }

  /** @throws Error when the command does not end with exit code 0 */
  command(name: string, directory: string, words: readonly string[] = []): Promise<Served> {
    return this.#served([name, '--dir', directory, '--vault', VAULT, '--journal', this.journal, ...words]);
  }

  /** Relative to the stage, where all processes run. */
  get journal(): string {
    return `${this.#name}.journal`;
  }

  remove(): void {
    const beside = ['.pending', '.vault', '.runs', '.lock', '.lock.d'].map((ending) => `${this.journal}${ending}`);
    this.#stage.remove(this.#name, this.journal, ...beside);
  }

  async #served(words: readonly string[]): Promise<Served> {
    const server: Service = await this.#stage.serve('local-vault', '--data', this.#name, '--port', '0');
    const client = await this.#stage.run(...words, '--config', `${this.#name}/glacier.cfg`);
    return { client, server: await server.stop() };
  }
}
