// What only threads can do wrong: outlive their work, keep what they throw to themselves.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MessageChannel, type Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { lookAt } from '../../src/disk/look.js';
import { placeOf } from '../../src/disk/place.js';
import { Instant } from '../../src/model/clock.js';
import { Failure } from '../../src/model/failure.js';
import { VaultName } from '../../src/model/identifiers.js';
import { RelPath } from '../../src/model/rel-path.js';
import { Crew, ThreadDied } from '../../src/transfer/thread-crew.js';
import { createThreadedTransfer, type ThreadedTransferOptions } from '../../src/transfer/threads.js';
import { never, TemporaryDirectory } from '../disk/temporary-directory.js';
import { compileThread } from './compiled-thread.js';

const compiled = compileThread();
afterAll(() => compiled[Symbol.dispose]());

function open(tree: TemporaryDirectory, more: Partial<ThreadedTransferOptions> = {}) {
  const place = placeOf(tree.path);
  const looked = lookAt(place, RelPath.parse('f'));
  if (looked.kind !== 'file') throw new Error(looked.kind);
  const inline = { fetchRange: () => Promise.reject(new Error('not here')) };
  const usual = { vault: null, engine: 'node', threads: 1, width: 1, script: compiled.thread } as const;
  const transfer = createThreadedTransfer({ ...usual, place, inline, report: () => undefined, ...more });
  return { file: looked.file, transfer };
}

/** One thread that runs this program. */
function crewOf(name: string, program: string): Promise<Crew> {
  const script = pathToFileURL(join(compiled.folder, name));
  writeFileSync(script, program);
  const settings = { vault: null, bandwidth: null, engine: 'node', lanes: 1, streamFrom: 1 } as const;
  return Crew.start({ script, threads: 1, settings });
}

/** Whatever it makes of a task. */
async function performed(crew: Crew): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  const file = { path: RelPath.parse('f'), size: 1, mtime: Instant.ofSeconds(0) };
  const task = { do: 'hash-range', range: { start: 0, end: 1 }, file, location: 'f' } as const;
  try {
    return await crew.perform({ task, line: port2 });
  } finally {
    port1.close();
  }
}

describe('threads', () => {
  it.each(['node', 'wasm'] as const)('hash with the engine that they are told: %s', async (engine) => {
    using tree = new TemporaryDirectory();
    tree.put('f', 'hello');
    const { file, transfer } = open(tree, { engine });
    await using _ = transfer;
    const hash = await transfer.hashFile(file, never);
    expect(hash).toBe('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');
  });

  it('a defect of ours stays one, with its words', async () => {
    using tree = new TemporaryDirectory();
    tree.put('f', 'hello');
    const { file, transfer } = open(tree);
    await using _ = transfer;
    const thrown = await transfer.sendWhole(file, '', never).catch((defect: unknown) => defect);
    expect(thrown).toBeInstanceOf(Error);
    expect(thrown).not.toBeInstanceOf(Failure);
    expect((thrown as Error).message).toBe('this thread was given no vault');
  });

  it('are not started when nobody can tell them where the vault is', async () => {
    using tree = new TemporaryDirectory();
    tree.put('f', 'hello');
    const failure = new Failure('ACCESS_DENIED', 'there are no keys');
    const vault = { settings: () => Promise.reject(failure), name: VaultName.parse('photos') };
    const { file, transfer } = open(tree, { vault });
    await using _ = transfer;
    await expect(transfer.sendWhole(file, '', never)).rejects.toBe(failure);
  });

  it('that die are gone before their death is told, so that they write nothing after it', async () => {
    const failing = `export function perform() { return new Promise(() => setImmediate(() => { throw new Error('x'); })); }`;
    const ended: string[] = [];
    const begun = (thread: Worker): void => {
      thread.once('error', () => ended.push('error'));
      thread.once('exit', () => ended.push('exit'));
    };
    process.on('worker', begun);
    await using crew = await crewOf('failing.js', failing);
    await expect(performed(crew)).rejects.toThrow(ThreadDied);
    expect(ended).toEqual(['error', 'exit']);
    process.off('worker', begun);
  });

  it('are loaded by import alone: a require that is broken off takes the process with it', async () => {
    const telling = `
      import { createRequire } from 'node:module';
      export async function perform() {
        try {
          return { ended: 'done', result: Object.keys(createRequire(import.meta.url)('./src/transfer/turns.js')) };
        } catch (thrown) {
          return { ended: 'broken', error: thrown.code };
        }
      }`;
    await using crew = await crewOf('telling.js', telling);
    expect(await performed(crew)).toEqual({ ended: 'broken', error: 'ERR_REQUIRE_ESM' });
  });

  it.each([
    ['closed', 'await transfer[Symbol.asyncDispose]();'],
    ['merely idle', ''],
  ])('when they are %s the process ends by itself', (_, last) => {
    using tree = new TemporaryDirectory();
    tree.put('f', 'hello');
    const program = join(compiled.folder, 'ends.js');
    const { file } = open(tree);
    writeFileSync(
      program,
      `import { placeOf } from './src/disk/place.js';
       import { createThreadedTransfer } from './src/transfer/threads.js';
       const [root, file] = process.argv.slice(2);
       const place = placeOf(root);
       const transfer = createThreadedTransfer({ place, vault: null, engine: 'node', threads: 2, width: 4, report() {} });
       const never = new AbortController().signal;
       const hash = await transfer.hashFile(JSON.parse(file), never);
       ${last}
       process.on('exit', () => console.log(hash));`,
    );
    const words = [pathToFileURL(program).pathname, tree.path, JSON.stringify(file)];
    const said = execFileSync(process.execPath, words, { encoding: 'utf8', timeout: 50_000 });
    expect(said.trim()).toBe('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');
  });
});
