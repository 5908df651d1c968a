import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diskFiles, type LandingFiles } from '../../src/disk/landing-files.js';
import { Failure } from '../../src/model/failure.js';
import { RelPath } from '../../src/model/rel-path.js';
import { MIB } from '../vault/bytes.js';
import { type Fetched, type Fetching, resumedOf, Scene, SEGMENTS, SIZE, type Stored } from './fetching.js';

const ALL = Array.from({ length: SEGMENTS }, (_, n) => n * MIB);
const BROKEN = new Failure('JOB_NOT_FOUND', 'it can be read no more');

/** Fetches until so many segments have landed, and fails. */
async function begun(scene: Scene, stored: Stored, landed = 3, more: Fetching = {}): Promise<void> {
  const breaking = (nth: number): void => {
    if (nth > landed) throw BROKEN;
  };
  const { failure } = await scene.fetch(stored, { ...more, width: 1, beforeRead: breaking });
  expect(failure).toBe(BROKEN);
}

/** The file is there, as it is to be, and nothing else. */
function expectWhole(scene: Scene, { archive, content }: Stored, { failure }: Fetched, what = ''): void {
  expect(failure, what).toBeNull();
  expect(scene.names(), what).toEqual([archive.path]);
  expect(scene.read(archive.path).equals(content), what).toBe(true);
  expect(statSync(join(scene.root, archive.path)).mtimeMs, what).toBe(1_234_567_890_000);
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

describe('a download that broke off', () => {
  it('goes on where it was, whichever segment was the last', async () => {
    for (let landed = 1; landed < SEGMENTS; landed++) {
      using scene = new Scene();
      const stored = await scene.store('large.bin');
      await begun(scene, stored, landed);
      expect(existsSync(join(scene.root, 'large.bin'))).toBe(false);
      const again = await scene.fetch(stored);
      expect([...again.reads].sort((a, b) => a - b)).toEqual(ALL.slice(landed));
      expect(resumedOf(again)).toBe(landed * MIB);
      expectWhole(scene, stored, again);
    }
  });

  it('tells as much progress as there is to make', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    await begun(scene, stored);
    const { events } = await scene.fetch(stored);
    const moved = events.reduce((sum, event) => (event.event === 'moved' ? sum + event.bytes : sum), 0);
    expect(moved).toBe(SIZE);
  });

  it('leaves nothing behind when nothing had landed', async () => {
    using scene = new Scene();
    await begun(scene, await scene.store('large.bin'), 0);
    expect(scene.names()).toEqual([]);
  });

  it('is kept when it is told to stop', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    const stop = new AbortController();
    const beforeRead = (nth: number): void => {
      if (nth === 3) stop.abort();
    };
    const { failure } = await scene.fetch(stored, { width: 1, beforeRead, signal: stop.signal });
    expect(failure?.code).toBe('INTERRUPTED');
    expectWhole(scene, stored, await scene.fetch(stored));
  });

  it('breaks off and goes on as often as it must', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    for (let time = 1; time < SEGMENTS; time++) await begun(scene, stored, 1);
    const last = await scene.fetch(stored);
    expect(last.reads).toEqual(ALL.slice(-1));
    expectWhole(scene, stored, last);
  });

  it('of one segment leaves nothing, and has one hidden file only', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    for (const segmentSize of [8 * MIB, Number.POSITIVE_INFINITY]) {
      await begun(scene, stored, 0, { segmentSize });
      expect(scene.names()).toEqual([]);
      let hidden: string[] = [];
      const beforeRead = (): void => void (hidden = scene.names());
      const whole = await scene.fetch(stored, { segmentSize, beforeRead });
      expect(whole.reads).toEqual([0]);
      expect(hidden).toEqual([expect.stringMatching(/^\.mtglacier-\d+-[0-9a-f]{12}\.part$/)]);
      rmSync(join(scene.root, 'large.bin'));
    }
  });

  it('goes on with the segments that it was begun with', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    await begun(scene, stored, 2);
    const again = await scene.fetch(stored, { segmentSize: 2 * MIB, width: 1 });
    expect(again.reads).toEqual(ALL.slice(2));
    expectWhole(scene, stored, again);
  });
});

describe('what has landed is proven again', () => {
  it('and a wrong byte in it costs its segment, and that alone', async () => {
    for (const at of [0, 1, MIB - 1, MIB, 2 * MIB + 500_000, 3 * MIB - 1]) {
      using scene = new Scene();
      const stored = await scene.store('large.bin');
      await begun(scene, stored, 3);
      flip(scene.kept().bytes, at);
      const again = await scene.fetch(stored, { width: 1 });
      expect(again.reads, `byte ${at}`).toEqual([Math.floor(at / MIB) * MIB, 3 * MIB, 4 * MIB]);
      expectWhole(scene, stored, again, `byte ${at}`);
    }
  });

  it('and a byte that is wrong beyond what had landed costs nothing', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    await begun(scene, stored, 3);
    appendFileSync(scene.kept().bytes, 'more than there is to be'.repeat(100_000));
    const again = await scene.fetch(stored, { width: 1 });
    expect(again.reads).toEqual(ALL.slice(3));
    expectWhole(scene, stored, again);
  });

  it('whichever byte of the record is another', { timeout: 60_000 }, async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    await begun(scene, stored, 3);
    const { record, bytes } = scene.kept();
    const [asWritten, landed] = [readFileSync(record), readFileSync(bytes)];
    const header = asWritten.indexOf('\n');
    for (let at = 0; at < asWritten.length; at += at < header ? 1 : 5) {
      writeFileSync(record, asWritten);
      writeFileSync(bytes, landed);
      flip(record, at);
      const again = await scene.fetch(stored, { width: 1 });
      expect(again.reads.length, `byte ${at}`).toBeLessThanOrEqual(at <= header ? SEGMENTS : SEGMENTS - 1);
      expectWhole(scene, stored, again, `byte ${at}`);
      rmSync(join(scene.root, 'large.bin'));
    }
  });

  it('wherever the record was torn off', { timeout: 60_000 }, async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    await begun(scene, stored, 3);
    const { record, bytes } = scene.kept();
    const [asWritten, landed] = [readFileSync(record), readFileSync(bytes)];
    const lines = asWritten.toString().split('\n').length - 1;
    for (let length = 0; length < asWritten.length; length += 7) {
      writeFileSync(record, asWritten.subarray(0, length));
      writeFileSync(bytes, landed);
      // Once more in between, so that a line is written behind the torn one.
      await begun(scene, stored, 1);
      const whole = asWritten.subarray(0, length).toString().split('\n').length - 1;
      const again = await scene.fetch(stored, { width: 1 });
      const known = Math.max(0, whole - 1) + 1;
      expect(again.reads, `${length} bytes, ${whole} of ${lines} lines`).toHaveLength(SEGMENTS - known);
      expectWhole(scene, stored, again, `${length} bytes`);
      rmSync(join(scene.root, 'large.bin'));
    }
  });

  it('also when one of its two files is gone, or is another', async () => {
    const losses: Record<string, (files: { bytes: string; record: string }, scene: Scene) => void> = {
      'no record': ({ record }) => rmSync(record),
      'no bytes': ({ bytes }) => rmSync(bytes),
      'an empty record': ({ record }) => truncateSync(record),
      'no byte in it': ({ bytes }) => truncateSync(bytes),
      'a few bytes': ({ bytes }) => truncateSync(bytes, MIB + 5),
      'noise for a record': ({ record }) => writeFileSync(record, Buffer.alloc(70_000, 0xff)),
      'a link that leads nowhere for bytes': ({ bytes }) => {
        rmSync(bytes);
        symlinkSync('nowhere', bytes);
      },
    };
    for (const [loss, lose] of Object.entries(losses)) {
      using scene = new Scene();
      const stored = await scene.store('large.bin');
      await begun(scene, stored, 3);
      lose(scene.kept(), scene);
      expectWhole(scene, stored, await scene.fetch(stored), loss);
    }
  });

  it('and nobody else’s file is written to', async () => {
    for (const link of [linkSync, symlinkSync]) {
      using scene = new Scene();
      const stored = await scene.store('large.bin');
      await begun(scene, stored, 3);
      const { bytes } = scene.kept();
      const others = join(scene.home, 'somebody’s');
      writeFileSync(others, 'precious');
      rmSync(bytes);
      link(others, bytes);
      expectWhole(scene, stored, await scene.fetch(stored), link.name);
      expect(readFileSync(others, 'utf8')).toBe('precious');
    }
  });

  it('and where its record is wrong in itself the vault is asked again before it is blamed', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    const other = await scene.store('large.bin', 2);
    // What another archive's download has written, under the name of this one: each segment is what its record says.
    await begun(scene, other, 3);
    const theirs = scene.kept();
    const [record, bytes] = [readFileSync(theirs.record), readFileSync(theirs.bytes)];
    rmSync(theirs.record);
    rmSync(theirs.bytes);
    await begun(scene, stored, 1);
    const ours = scene.kept();
    writeFileSync(ours.record, record);
    writeFileSync(ours.bytes, bytes);
    const again = await scene.fetch(stored, { width: 1 });
    expect(again.reads).toEqual([...ALL.slice(3), ...ALL.slice(0, 3)]);
    expect(again.events).toContainEqual(expect.objectContaining({ event: 'notice', topic: 'download-again' }));
    expect(resumedOf(again)).toBe(0);
    expectWhole(scene, stored, again);
  });

  it('whatever happens to its files between runs', { timeout: 120_000 }, async () => {
    const harm = fc.record({
      of: fc.constantFrom('bytes', 'record'),
      at: fc.nat(SIZE),
      bytes: fc.uint8Array({ maxLength: 200 }),
      cut: fc.boolean(),
    });
    const life = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.array(harm, { maxLength: 3 })), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(life, async (runs) => {
        using scene = new Scene();
        const stored = await scene.store('large.bin');
        for (const [landed, harms] of runs) {
          await scene.fetch(stored, {
            beforeRead: (nth) => {
              if (nth > landed) throw BROKEN;
            },
          });
          if (existsSync(join(scene.root, 'large.bin'))) break;
          const kept = scene.kept();
          for (const { of, at, bytes, cut } of harms) {
            const now = readFileSync(kept[of]);
            const from = at % (now.length + 1);
            writeFileSync(
              kept[of],
              Buffer.concat([now.subarray(0, from), bytes, cut ? Buffer.of() : now.subarray(from)]),
            );
          }
        }
        const again = existsSync(join(scene.root, 'large.bin')) ? null : await scene.fetch(stored);
        expectWhole(scene, stored, again ?? { failure: null, reads: [], events: [] });
      }),
      { numRuns: 40 },
    );
  });
});

describe('a disk that fails', () => {
  /** The error that a disk gives, from some write on. */
  function failing(method: 'write' | 'datasync' | 'link', from: number, code: string): LandingFiles {
    let count = 0;
    const fails = (): boolean => ++count >= from;
    const error = Object.assign(new Error(`${code}: the disk says so, ${method}`), { code, syscall: method });
    return {
      ...diskFiles,
      link: (...given) => (method === 'link' && fails() ? Promise.reject(error) : diskFiles.link(...given)),
      open: async (path, flags) => {
        const handle = await diskFiles.open(path, flags);
        if (method === 'link' || !path.toString().endsWith('.part')) return handle;
        const call = handle[method].bind(handle) as (...given: unknown[]) => Promise<unknown>;
        return Object.assign(handle, {
          [method]: (...given: unknown[]) => (fails() ? Promise.reject(error) : call(...given)),
        });
      },
    };
  }

  it('for want of space while it is written to keeps what has landed', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    const full = await scene.fetch(stored, { width: 1, files: failing('write', 4, 'ENOSPC') });
    expect(full.failure).toMatchObject({ code: 'DISK_FULL' });
    const again = await scene.fetch(stored, { width: 1 });
    expect(again.reads).toEqual(ALL.slice(3));
    expectWhole(scene, stored, again);
  });

  it('for want of space beforehand keeps what has landed, and asks the vault for nothing', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    await begun(scene, stored, 3);
    const files: LandingFiles = { ...diskFiles, freeBytes: async () => 17 * MIB };
    const refused = await scene.fetch(stored, { files });
    expect(refused).toMatchObject({
      failure: { code: 'NO_ROOM', message: expect.stringContaining('it needs 2 MiB') },
      reads: [],
    });
    expectWhole(scene, stored, await scene.fetch(stored, { files: { ...files, freeBytes: async () => 18 * MIB } }));
  });

  it('when it is flushed keeps nothing: what it shows may be what it has lost', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    const lost = await scene.fetch(stored, { files: failing('datasync', 1, 'EIO') });
    expect(lost.failure).toMatchObject({ code: 'FILE_UNWRITABLE' });
    expect(scene.names()).toEqual([]);
  });

  it('for want of space for the name keeps everything', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    const full = await scene.fetch(stored, { files: failing('link', 1, 'ENOSPC') });
    expect(full.failure).toMatchObject({ code: 'DISK_FULL' });
    const again = await scene.fetch(stored);
    expect(again.reads).toEqual([]);
    expectWhole(scene, stored, again);
  });

  it('so that nobody can know whether a landing is in use keeps nothing, and brings the file', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    let others = 0;
    // As on a disk where files have more names, or other owners, than they were given.
    const files: LandingFiles = {
      ...diskFiles,
      open: async (path, flags) => {
        const handle = await diskFiles.open(path, flags);
        if (path.toString().endsWith('.landed')) linkSync(path, join(scene.home, `other ${++others}`));
        return handle;
      },
    };
    await begun(scene, stored, 3, { files });
    expect(others).toBe(1);
    expect(scene.names()).toEqual([]);
    const again = await scene.fetch(stored, { files });
    expect(again.reads).toHaveLength(SEGMENTS);
    expectWhole(scene, stored, again);
  });

  it('so that nothing can be noted brings the file all the same', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    const files: LandingFiles = {
      ...diskFiles,
      open: async (path, flags) => {
        const handle = await diskFiles.open(path, flags);
        const refused = (): Promise<never> => Promise.reject(new Error('no line can be added'));
        return path.toString().endsWith('.landed') ? Object.assign(handle, { write: refused }) : handle;
      },
    };
    await begun(scene, stored, 3, { files });
    expect(scene.names(), 'what no record tells of is of no use').toEqual([]);
    expectWhole(scene, stored, await scene.fetch(stored, { files }));
  });
});

describe('several landings in one directory', () => {
  it('do not remove one another, while they are of use', async () => {
    using scene = new Scene();
    const [first, second] = [await scene.store('first.bin', 1), await scene.store('second.bin', 2)];
    await begun(scene, first);
    // Elsewhere in between, so that the directory is looked into again.
    mkdirSync(join(scene.home, 'other'));
    await scene.fetch(await scene.store('elsewhere', 3, 5), { root: join(scene.home, 'other') });
    await begun(scene, second);
    const again = await scene.fetch(first, { width: 1 });
    expect(again.reads).toEqual(ALL.slice(3));
    expect((await scene.fetch(second, { width: 1 })).reads).toEqual(ALL.slice(3));
    expect(scene.names()).toEqual(['first.bin', 'second.bin']);
  });

  it('of two versions of one file are kept apart', async () => {
    using scene = new Scene();
    const [old, latest] = [await scene.store('film', 1), await scene.store('film', 2)];
    await begun(scene, old);
    await begun(scene, latest);
    expect((await scene.fetch(old, { width: 1 })).reads).toEqual(ALL.slice(3));
    expect(scene.read('film').equals(old.content)).toBe(true);
    rmSync(join(scene.root, 'film'));
    const second = await scene.fetch(latest, { width: 1 });
    expect(second.reads).toEqual(ALL.slice(3));
    expectWhole(scene, latest, second);
  });

  it('of one archive under two names are kept apart', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    const other = { ...stored, archive: { ...stored.archive, path: RelPath.parse('other.bin') } };
    await begun(scene, stored);
    expect((await scene.fetch(other)).reads).toHaveLength(SEGMENTS);
    expect((await scene.fetch(stored, { width: 1 })).reads).toEqual(ALL.slice(3));
    expect(scene.names()).toEqual(['large.bin', 'other.bin']);
  });

  it('of one file at once: the second is told so, and the first comes to its end', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    await begun(scene, stored, 1);
    let second: Fetched | null = null;
    const first = await scene.fetch(stored, {
      width: 1,
      beforeRead: async (nth) => {
        if (nth === 2) second = await scene.fetch(stored);
      },
    });
    expect(second).toMatchObject({
      failure: { code: 'FILE_UNWRITABLE', message: '"large.bin" is being fetched by another run' },
      reads: [],
    });
    expectWhole(scene, stored, first);
  });

  it('of one file, when the first ends just before the second has the lock', async () => {
    for (const ends of ['with the file', 'with nothing'] as const) {
      using scene = new Scene();
      const stored = await scene.store('large.bin');
      const [asked, answered] = [new Moment(), new Moment()];
      const first = scene.fetch(stored, {
        width: 1,
        beforeRead: async (nth) => {
          if (nth > 1) return;
          asked.comes();
          await answered.hasCome;
          if (ends === 'with nothing') throw BROKEN;
        },
      });
      await asked.hasCome;
      let isFirstOpening = true;
      const files: LandingFiles = {
        ...diskFiles,
        open: async (path, flags) => {
          const handle = await diskFiles.open(path, flags);
          if (isFirstOpening && path.toString().endsWith('.landed')) {
            isFirstOpening = false;
            answered.comes();
            await first;
          }
          return handle;
        },
      };
      let third: Fetched | null = null;
      const second = await scene.fetch(stored, {
        files,
        width: 1,
        beforeRead: async (nth) => {
          if (nth === 1) third = await scene.fetch(stored);
        },
      });
      if (ends === 'with the file') {
        expect(second).toMatchObject({ failure: { message: '"large.bin" is there already' }, reads: [] });
        expectWhole(scene, stored, await first);
      } else {
        expect(third).toMatchObject({ failure: { message: '"large.bin" is being fetched by another run' } });
        expectWhole(scene, stored, second);
      }
    }
  });

  it('of a file that has come back another way: nothing is written over, and nothing is kept', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    await begun(scene, stored, 2);
    const { failure } = await scene.fetch(stored, {
      beforeRead: () => writeFileSync(join(scene.root, 'large.bin'), 'mine'),
    });
    expect(failure).toMatchObject({
      code: 'FILE_UNWRITABLE',
      message: expect.stringContaining('has appeared meanwhile'),
    });
    expect(scene.names()).toEqual(['large.bin']);
    expect(scene.read('large.bin').toString()).toBe('mine');
  });
});

/** Something that one run waits for and another brings about. */
class Moment {
  comes: () => void = () => undefined;
  readonly hasCome = new Promise<void>((resolve) => {
    this.comes = resolve;
  });
}

describe('landings that nobody goes on with', () => {
  const DAY = 24 * 3600;

  /** The directory is looked into again after this, as if by another process. */
  async function landedElsewhere(scene: Scene, name: string): Promise<void> {
    const other = join(scene.home, `before ${name}`);
    mkdirSync(other);
    await scene.fetch(await scene.store('elsewhere', 3, 5), { root: other });
  }

  /** Lands something small in the directory. */
  async function landed(scene: Scene, name: string): Promise<void> {
    await landedElsewhere(scene, name);
    expect((await scene.fetch(await scene.store(name, 4, 5))).failure).toBeNull();
  }

  function age(file: string, seconds: number): void {
    const then = Date.now() / 1000 - seconds;
    utimesSync(file, then, then);
  }

  it('are removed after thirty days, unless it is they that are wanted', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    await begun(scene, stored);
    age(scene.kept().record, 29 * DAY);
    await landed(scene, 'a');
    await landedElsewhere(scene, 'large.bin');
    age(scene.kept().record, 31 * DAY);
    expect((await scene.fetch(stored, { width: 1 })).reads).toEqual(ALL.slice(3));
    rmSync(join(scene.root, 'large.bin'));
    await begun(scene, stored);
    age(scene.kept().record, 31 * DAY);
    await landed(scene, 'b');
    expect(scene.names()).toEqual(['a', 'b']);
  });

  it('are removed when something is in their place', async () => {
    using scene = new Scene();
    await begun(scene, await scene.store('large.bin'));
    symlinkSync('nowhere', join(scene.root, 'large.bin'));
    await landed(scene, 'a');
    expect(scene.names()).toEqual(['a', 'large.bin']);
  });

  it('are removed when half of them is gone', async () => {
    using scene = new Scene();
    await begun(scene, await scene.store('large.bin'));
    rmSync(scene.kept().record);
    await landed(scene, 'a');
    expect(scene.names()).toEqual(['a']);
    await begun(scene, await scene.store('large.bin'));
    writeFileSync(scene.kept().record, 'no record');
    await landed(scene, 'b');
    expect(scene.names(), 'it may not have been written yet').toHaveLength(4);
    age(scene.kept().record, 61);
    await landed(scene, 'c');
    expect(scene.names()).toEqual(['a', 'b', 'c']);
  });

  it('are left alone while they are in use, however old they look', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    const first = await scene.fetch(stored, {
      width: 1,
      beforeRead: async (nth) => {
        if (nth !== 3) return;
        age(scene.kept().record, 31 * DAY);
        await landed(scene, 'a');
      },
    });
    expect(first.failure).toBeNull();
    expect(scene.names()).toEqual(['a', 'large.bin']);
    expect(scene.read('large.bin').equals(stored.content)).toBe(true);
  });
});

describe('what the vault itself has wrong', () => {
  it('is told, and nothing of it is kept', async () => {
    using scene = new Scene();
    const [stored, other] = [await scene.store('large.bin', 1), await scene.store('large.bin', 2)];
    // The vault's word fits each segment, and the whole is not what the journal says.
    const { failure, reads } = await scene.fetch({ ...stored, ready: other.ready });
    expect(failure).toMatchObject({ code: 'HASH_MISMATCH', message: expect.stringContaining('the journal says') });
    expect(reads).toHaveLength(SEGMENTS);
    expect(scene.names()).toEqual([]);
  });

  it('or on its way: the range alone is fetched again, and given up after eight times with the others kept', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    let wrong = 3;
    const once = await scene.fetch(stored, {
      width: 1,
      altered: (read, start) => (start === MIB && wrong-- > 0 ? { ...read, body: changed(read.body) } : read),
    });
    expect(once.reads).toEqual([0, MIB, MIB, MIB, MIB, ...ALL.slice(2)]);
    expectWhole(scene, stored, once);
    rmSync(join(scene.root, 'large.bin'));

    const ever = await scene.fetch(stored, {
      width: 1,
      altered: (read, start) => (start === 3 * MIB ? { ...read, body: changed(read.body) } : read),
    });
    expect(ever.failure).toMatchObject({ code: 'HASH_MISMATCH' });
    expect(ever.reads).toEqual([0, MIB, 2 * MIB, ...Array.from({ length: 8 }, () => 3 * MIB)]);
    const again = await scene.fetch(stored, { width: 1 });
    expect(again.reads).toEqual(ALL.slice(3));
    expectWhole(scene, stored, again);
  });
});

async function* changed(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const piece of body) {
    yield first ? piece.map((byte, at) => (at === 0 ? byte ^ 1 : byte)) : piece;
    first = false;
  }
}
