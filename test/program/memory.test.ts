// What storing needs of memory at most: 200 MiB and a buffer of one part for each transfer, whatever there is to keep.

import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalVault, startLocalVault } from '../../src/edges/local-server/start.js';
import { encodeRecord } from '../../src/journal/codec.js';
import { Instant } from '../../src/model/clock.js';
import { ArchiveId } from '../../src/model/identifiers.js';
import { RelPath } from '../../src/model/rel-path.js';
import { TreeHash } from '../../src/model/tree-hash.js';
import { start } from './program.js';

const MIB = 1024 * 1024;
const CONCURRENCY = 4;
const PART_SIZE = 16;
const LIMIT = (200 + CONCURRENCY * PART_SIZE) * MIB;
const FILES = 100_000;

let home: string;
let server: LocalVault;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'mtglacier-memory-'));
  server = await startLocalVault({ directory: join(home, 'vaults') });
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const config = `endpoint=${endpoint}\nregion=${region}\nkey=${accessKeyId}\nsecret=${secretAccessKey}\n`;
  writeFileSync(join(home, 'glacier.cfg'), config, { mode: 0o600 });
  await peakMemoryOf('create-vault', 'photos');
});

afterAll(async () => {
  await server.close();
  rmSync(home, { recursive: true, force: true });
});

/** Runs the program and gives the resident set of its process at its largest, as the kernel has counted it. Bytes. */
function peakMemoryOf(...words: readonly string[]): Promise<number> {
  return peakMemoryUnder([], words);
}

/** The same for a program that is started by another command, such as a shell that fills a pipe for it. */
async function peakMemoryUnder(under: readonly string[], words: readonly string[]): Promise<number> {
  const status = join(home, 'status');
  const hook = `import { readFileSync, writeFileSync } from 'node:fs';
    process.on('exit', () => writeFileSync(${JSON.stringify(status)}, readFileSync('/proc/self/status')));`;
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}` };
  const ended = await start([...words, '--config', join(home, 'glacier.cfg')], { env, under }).ended;
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, 'latin1'))?.[1]) * 1024;
}

function sync(name: string): Promise<number> {
  const where = ['--dir', join(home, name), '--vault', 'photos', '--journal', join(home, `${name}.journal`)];
  const width = ['--concurrency', String(CONCURRENCY), '--partsize', String(PART_SIZE)];
  return peakMemoryOf(
    'sync',
    ...where,
    ...width,
    '--new',
    '--replace-modified',
    '--delete-removed',
    '--rebind-journal',
  );
}

function writeNew(path: string, size: number): void {
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, 'wx'));
  truncateSync(path, size);
}

describe.runIf(process.platform === 'linux')('memory of a sync', { timeout: 180_000 }, () => {
  it('stays within the limit for a file of 1 GiB', async () => {
    writeNew(join(home, 'large', 'file.bin'), 1024 * MIB);
    expect(await sync('large')).toBeLessThan(LIMIT);
  });

  it('stays within the limit for 100,000 small files, of which the journal knows all but 500', async () => {
    let lines = '';
    for (let i = 0; i < FILES; i++) {
      const path = RelPath.parse(`d${i % 1000}/file-${i}.bin`);
      const file = join(home, 'small', path);
      writeNew(file, 1024);
      if (i % 200 === 0) continue;
      const mtime = Instant.ofMs(Math.floor(statSync(file).mtimeMs));
      const id = ArchiveId.parse(String(i).padStart(138, 'A'));
      const archive = { id, path, size: 1024, mtime, treeHash: TreeHash.parse('0'.repeat(64)), createdAt: mtime };
      lines += encodeRecord({ type: 'created', archive });
    }
    const journal = join(home, 'small.journal');
    appendFileSync(journal, lines);
    expect(await sync('small')).toBeLessThan(LIMIT);
    expect(readFileSync(journal, 'latin1').split('\n')).toHaveLength(FILES + 1);
  });
});

describe.runIf(process.platform === 'linux')('memory of upload-file', { timeout: 180_000 }, () => {
  it('stays within the limit for a pipe of 1 GiB', async () => {
    const where = ['--vault', 'photos', '--journal', join(home, 'pipe.journal'), '--rebind-journal'];
    const width = ['--concurrency', String(CONCURRENCY), '--partsize', String(PART_SIZE)];
    const what = ['--stdin', '--set-rel-filename', 'dump', '--check-max-file-size', '2000'];
    const pipe = ['sh', '-c', `head -c ${1024 * MIB} /dev/zero | "$0" "$@"`];
    expect(await peakMemoryUnder(pipe, ['upload-file', ...where, ...width, ...what])).toBeLessThan(LIMIT);
    expect(readFileSync(join(home, 'pipe.journal'), 'latin1')).toContain(`\t${1024 * MIB}\t`);
  });
});
