import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultOrder } from '../../src/edges/local-server/control/fault-rule.js';
import { bytesOf, MIB } from '../vault/bytes.js';
import { openGate } from './gate.js';
import { type Ended, mtglacier, start } from './program.js';
import { objectsOf, openWorkplace, type Workplace, writeConfig } from './workplace.js';

const SEGMENT = 2 * MIB;
const SIZE = 40 * MIB + 4321;
const SEGMENTS = Math.ceil(SIZE / SEGMENT);
const CONTENT = bytesOf(SIZE);

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace('resumed-download');
  for (const directory of ['kept', 'killed', 'mount']) mkdirSync(place.at(directory));
  writeFileSync(place.at('kept', 'large.bin'), CONTENT);
  expect((await mtglacier('create-vault', 'photos', ...place.config)).exitCode).toBe(0);
  expect((await mtglacier('sync', ...words('kept'), '--partsize', '8')).exitCode).toBe(0);
  expect((await mtglacier('restore', ...words('killed'), '--max-number-of-files', '9')).exitCode).toBe(75);
  place.passHours(5);
});

afterAll(() => place[Symbol.asyncDispose]());

function words(directory: string, config: readonly string[] = place.config): string[] {
  const journal = ['--vault', 'photos', '--journal', place.at('photos.journal')];
  return [...config, ...journal, '--dir', place.at(directory)];
}

function restoreCompleted(directory: string, ...more: string[]): string[] {
  return ['restore-completed', ...words(directory), '--segment-size', '2', ...more];
}

/** Requests for output since the last look, and the bytes that came of them. */
function readSince(): { requests: number; bytes: number } {
  const { recent } = place.server.control.requests();
  place.server.control.forgetRequests();
  const outputs = recent.filter(({ operation }) => operation === 'GetJobOutput');
  return { requests: outputs.length, bytes: outputs.reduce((sum, { bytesOut }) => sum + bytesOut, 0) };
}

/** Runs the command and kills it when it asks for output the so manyth time, before it is answered. */
async function killedAt(nth: number, directory: string, ...more: string[]): Promise<Ended> {
  let count = 0;
  const isOutput = ({ url = '' }: IncomingMessage): boolean => url.endsWith('/output');
  await using gate = await openGate(place.server.endpoint, (request) => isOutput(request) && ++count >= nth);
  writeConfig(place.at('gate.cfg'), place.server, gate.endpoint);
  const config = ['--config', place.at('gate.cfg')];
  const run = start(['restore-completed', ...words(directory, config), '--segment-size', '2', ...more]);
  await Promise.race([gate.holding, run.ended]);
  run.process.kill('SIGKILL');
  return await run.ended;
}

function expectWhole(directory: string): void {
  expect(readdirSync(place.at(directory))).toEqual(['large.bin']);
  expect(readFileSync(place.at(directory, 'large.bin')).equals(CONTENT)).toBe(true);
}

describe('a download under SIGKILL', () => {
  it('goes on where it was: what had landed is not fetched a second time', async () => {
    await killedAt(15, 'killed', '--concurrency', '1');
    expect(readdirSync(place.at('killed')).every((name) => name.startsWith('.mtglacier-'))).toBe(true);
    readSince();
    const { exitCode, stdout } = await mtglacier(...restoreCompleted('killed', '--json'));
    expect(exitCode).toBe(0);
    const read = readSince();
    expect(read.requests).toBe(SEGMENTS - 14);
    expect(read.bytes).toBeLessThan(SIZE - 14 * SEGMENT + MIB);
    expect(objectsOf(stdout).filter(({ event }) => event === 'restored')).toMatchObject([{ resumed: 14 * SEGMENT }]);
    expectWhole('killed');
  });

  it('again and again, with many ranges at once, ends with the file, and what is fetched twice is what was on its way', async () => {
    mkdirSync(place.at('often'));
    readSince();
    let [kills, bytes] = [0, 0];
    for (; !existsSync(place.at('often', 'large.bin')) && kills < 20; kills++) {
      await killedAt(6, 'often', '--concurrency', '4');
      bytes += readSince().bytes;
    }
    expect(kills).toBeGreaterThan(3);
    expect(bytes).toBeLessThan(SIZE + kills * 4 * SEGMENT + MIB);
    expectWhole('often');
  });

  it('is told of in words', async () => {
    mkdirSync(place.at('words'));
    await killedAt(5, 'words', '--concurrency', '1');
    const { exitCode, stdout } = await mtglacier(...restoreCompleted('words'));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Resumed \S+large\.bin: 8\.0 MiB were here already$/m);
  });

  it('into a file of any name goes on as well', async () => {
    mkdirSync(place.at('any'));
    const got = (config: readonly string[]): string[] => {
      const from = ['--vault', 'photos', '--journal', place.at('photos.journal')];
      return ['get', 'large.bin', ...config, ...from, '--output', place.at('any', 'name'), '--segment-size', '2'];
    };
    let count = 0;
    await using gate = await openGate(place.server.endpoint, ({ url = '' }) => url.endsWith('/output') && ++count > 7);
    writeConfig(place.at('gate.cfg'), place.server, gate.endpoint);
    const run = start([...got(['--config', place.at('gate.cfg')]), '--concurrency', '1']);
    await gate.holding;
    run.process.kill('SIGKILL');
    await run.ended;
    readSince();
    expect((await mtglacier(...got(place.config))).exitCode).toBe(0);
    expect(readSince().requests).toBe(SEGMENTS - 7);
    expect(readFileSync(place.at('any', 'name')).equals(CONTENT)).toBe(true);
    expect(readdirSync(place.at('any'))).toEqual(['name']);
  });
});

describe('two runs at once', () => {
  it('bring one file: the second says that another run is at it', async () => {
    mkdirSync(place.at('twice'));
    let count = 0;
    await using gate = await openGate(
      place.server.endpoint,
      ({ url = '' }) => url.endsWith('/output') && ++count === 3,
    );
    writeConfig(place.at('gate.cfg'), place.server, gate.endpoint);
    const held = start([
      'restore-completed',
      ...words('twice', ['--config', place.at('gate.cfg')]),
      '--segment-size',
      '2',
    ]);
    await gate.holding;
    const second = await mtglacier(...restoreCompleted('twice'));
    expect(second.exitCode).toBe(3);
    expect(second.stderr).toMatch(/^ERROR: "large\.bin" is being fetched by another run$/m);
    held.process.kill('SIGTERM');
    await held.ended;
    expect((await mtglacier(...restoreCompleted('twice'))).exitCode).toBe(0);
    expectWhole('twice');
  });
});

describe('an answer that is damaged on its way', () => {
  it.each(['corrupt', 'truncate', 'wrong-hash', 'reset'] as const)(
    '%s: its range alone is fetched again',
    async (fault) => {
      const directory = `on its way, ${fault}`;
      mkdirSync(place.at(directory));
      readSince();
      place.server.control.addFault({ operation: 'GetJobOutput', fault, every: 4 } as FaultOrder);
      const { exitCode, stderr } = await mtglacier(...restoreCompleted(directory));
      place.server.control.clearFaults();
      expect(stderr).not.toContain('ERROR');
      expect(exitCode).toBe(0);
      // Every fourth is lost, so a third more are made.
      expect(readSince().requests).toBe(Math.floor((SEGMENTS * 4 - 1) / 3));
      expectWhole(directory);
    },
  );

  it('as long as it lasts the archive is given up, and what is right of it stays for the next run', async () => {
    mkdirSync(place.at('lasting'));
    const lasting = { operation: 'GetJobOutput', fault: 'corrupt', every: 1 } as const;
    await killedAt(11, 'lasting', '--concurrency', '1');
    place.server.control.addFault(lasting);
    const given = await mtglacier(...restoreCompleted('lasting'));
    place.server.control.clearFaults();
    expect(given.exitCode).toBe(4);
    expect(given.stderr).toMatch(/bytes \d+-\d+ of retrieval \S+ arrived with another tree hash/);
    readSince();
    expect((await mtglacier(...restoreCompleted('lasting'))).exitCode).toBe(0);
    expect(readSince().requests).toBe(SEGMENTS - 10);
    expectWhole('lasting');
  });
});

/** Whether this user can have disks of its own, in a namespace. */
function canMount(): boolean {
  try {
    execFileSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'tmpfs', place.at('mount')], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

/** Runs the command with a disk of so many MiB in its directory, which it finds as it is left in `saved`. */
function onDiskOf(mib: number, saved: string, prepare: string, args: readonly string[]): Promise<Ended> {
  const script = `
    mount -t tmpfs -o size=${mib}m tmpfs "$0" && cp -a "$1"/. "$0" && ${prepare} || exit 99
    saved=$1; shift; "$@"; code=$?
    rm -f "$0"/filler; cp -a "$0"/. "$saved"; exit $code`;
  return start(args, { under: ['unshare', '-Urm', 'sh', '-c', script, place.at('mount'), saved] }).ended;
}

describe('a disk without room', () => {
  it('is noticed before anything is fetched, and said; smaller files come all the same', async (context) => {
    if (!canMount()) return context.skip();
    const saved = place.at('small-disk');
    mkdirSync(saved);
    writeFileSync(place.at('kept', 'small.txt'), 'small');
    expect((await mtglacier('sync', ...words('kept'), '--new')).exitCode).toBe(0);
    expect((await mtglacier('restore', ...words('mount'), '--max-number-of-files', '9')).exitCode).toBe(75);
    place.passHours(5);
    readSince();
    const { exitCode, stderr } = await onDiskOf(50, saved, 'true', restoreCompleted('mount'));
    expect(stderr).toMatch(/^ERROR: no room for "large\.bin": it needs 41 MiB, and the disk has 50 MiB free$/m);
    expect(stderr).toMatch(/^hint: free some space, 16 MiB beyond what is needed/m);
    expect(exitCode).toBe(3);
    expect(readSince().requests).toBe(1);
    expect(readdirSync(saved)).toEqual(['small.txt']);
    rmSync(place.at('kept', 'small.txt'));
  });

  it('that fills on the way ends the run, and what has landed stays', async (context) => {
    if (!canMount()) return context.skip();
    const saved = place.at('filling-disk');
    mkdirSync(saved);
    // Somebody else takes the room that was there when it was looked at.
    const filled = `{ (while [ $(stat -c %b "$0"/.mtglacier-*.part 2>&1 | grep -c '^[1-9]') = 0 ]; do :; done
      head -c 30M /dev/zero > "$0"/filler) & }`;
    const { exitCode, stderr } = await onDiskOf(58, saved, filled, restoreCompleted('mount', '--concurrency', '1'));
    expect(stderr).toMatch(/cannot write "large\.bin": no space left on device/);
    expect(exitCode).toBe(1);
    const [record = '', bytes = ''] = readdirSync(saved).filter((name) => name.startsWith('.mtglacier-'));
    expect(statSync(join(saved, bytes)).blocks).toBeGreaterThan(0);
    const landed = readFileSync(join(saved, record), 'utf8').split('\n').length - 2;
    expect(landed).toBeGreaterThan(0);
    readSince();
    const again = await onDiskOf(80, saved, 'true', restoreCompleted('mount'));
    expect(again.exitCode).toBe(0);
    expect(readSince().requests).toBeLessThanOrEqual(SEGMENTS - landed + 1);
    expect(readFileSync(join(saved, 'large.bin')).equals(CONTENT)).toBe(true);
  });
});
