import { cpSync, existsSync, linkSync, mkdirSync, rmSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskFiles, type LandingFiles } from '../../src/disk/landing-files.js';
import { Failure } from '../../src/model/failure.js';
import { type Fetched, Scene, SEGMENTS } from './fetching.js';

const CHANGING = ['write', 'writeFile', 'truncate', 'utimes', 'datasync', 'sync', 'close'] as const;

/** Tells of each change of the disk, just before and just after it. */
function watched(tell: (change: string) => void): LandingFiles {
  const around = async <T>(change: string, work: () => Promise<T>): Promise<T> => {
    tell(`before ${change}`);
    const result = await work();
    tell(`after ${change}`);
    return result;
  };
  const watchedHandle = (handle: FileHandle, name: string): FileHandle => {
    for (const method of CHANGING) {
      const call = handle[method].bind(handle) as (...given: unknown[]) => Promise<unknown>;
      Object.assign(handle, { [method]: (...given: unknown[]) => around(`${method} ${name}`, () => call(...given)) });
    }
    return handle;
  };
  return {
    open: (path, flags) =>
      around(`open ${kindOf(path)}`, async () => watchedHandle(await diskFiles.open(path, flags), kindOf(path))),
    link: (from, to) => around('link', () => diskFiles.link(from, to)),
    rename: (from, to) => around('rename', () => diskFiles.rename(from, to)),
    unlink: (path) => around(`unlink ${kindOf(path)}`, () => diskFiles.unlink(path)),
    freeBytes: (directory) => diskFiles.freeBytes(directory),
  };
}

function kindOf(path: Buffer): string {
  return /\.(part|landed)$/.exec(path.toString())?.[1] ?? 'directory';
}

/** Copies the directory at every change: what a process leaves that is killed there. Names that are one file stay one. */
function copying(scene: Scene, names: readonly string[]) {
  const copies: { change: string; root: string }[] = [];
  const files = watched((change) => {
    const root = join(scene.home, `killed ${copies.length}`);
    mkdirSync(root);
    for (const name of scene.names()) cpSync(join(scene.root, name), join(root, name), { preserveTimestamps: true });
    const hidden = scene.names().find((name) => name.endsWith('.part'));
    const [target = ''] = names;
    if (hidden !== undefined && existsSync(join(root, target))) {
      rmSync(join(root, hidden));
      linkSync(join(root, target), join(root, hidden));
    }
    copies.push({ change: `${copies.length}: ${change}`, root });
  });
  return { copies, files };
}

describe('a process that is killed while it fetches', () => {
  it.each([
    ['for the first time', 0],
    ['when it goes on', 3],
  ])(
    '%s: whatever it was doing, the next one brings the file, and fetches no segment that was noted',
    {
      timeout: 120_000,
    },
    async (_, landedBefore) => {
      using scene = new Scene();
      const stored = await scene.store('large.bin');
      const { archive, content } = stored;
      if (landedBefore > 0) {
        const breaking = (nth: number): void => {
          if (nth > landedBefore) throw new Failure('JOB_NOT_FOUND', 'it can be read no more');
        };
        await scene.fetch(stored, { width: 1, beforeRead: breaking });
      }
      const { copies, files } = copying(scene, [archive.path]);
      expect((await scene.fetch(stored, { width: 2, files })).failure).toBeNull();
      expect(copies.length).toBeGreaterThan(landedBefore > 0 ? 25 : 45);
      let resumed = 0;
      for (const { change, root } of copies) {
        const noted = notedIn(scene, root);
        const wasThere = existsSync(join(root, archive.path));
        const next: Fetched = await scene.fetch(stored, { root, width: 1 });
        expect(next.failure?.code, change).toBe(wasThere ? 'FILE_UNWRITABLE' : undefined);
        expect(scene.read(archive.path, root).equals(content), change).toBe(true);
        if (!wasThere) expect(next.reads.length, change).toBe(SEGMENTS - noted);
        resumed += wasThere ? 0 : noted;
        await landAnother(scene, root);
        expect(scene.names(root), change).toEqual([archive.path, 'another'].sort());
      }
      expect(resumed, 'something was gone on with').toBeGreaterThan(10);
    },
  );

  it('between its two names: the hidden one is removed, and the file is not written to when it was moved away', async () => {
    using scene = new Scene();
    const stored = await scene.store('large.bin');
    const { copies, files } = copying(scene, ['large.bin']);
    await scene.fetch(stored, { files });
    const between = copies.find(({ change }) => change.endsWith('after link'));
    if (between === undefined) throw new Error('nothing was linked');
    const moved = join(scene.home, 'moved away');
    linkSync(join(between.root, 'large.bin'), moved);
    rmSync(join(between.root, 'large.bin'));
    const again = await scene.fetch(stored, { root: between.root });
    expect(again.reads, 'what has another name is not gone on with').toHaveLength(SEGMENTS);
    expect(scene.names(between.root)).toEqual(['large.bin']);
    expect(scene.read(basename(moved), scene.home).equals(stored.content)).toBe(true);
  });
});

/** Segments that a record claims, in whole lines. */
function notedIn(scene: Scene, root: string): number {
  const record = scene.names(root).find((name) => name.endsWith('.landed'));
  if (record === undefined || !scene.names(root).some((name) => name.endsWith('.part'))) return 0;
  const starts = scene.read(record, root).toString().split('\n').slice(1, -1);
  return new Set(starts).size;
}

async function landAnother(scene: Scene, root: string): Promise<void> {
  const { failure } = await scene.fetch(await scene.store('another', 9, 5), { root });
  expect(failure).toBeNull();
}
