// What a run of the built program loads, told by the engine itself: start-up is paid for by the module.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from './program.js';
import { openWorkplace, type Workplace } from './workplace.js';

interface Loaded {
  /** Files of ours, below dist, in order. */
  readonly own: readonly string[];
  /** Every package that a file was loaded from, those of packages too. */
  readonly packages: readonly string[];
}

/** Runs the program to its good end. Its threads, which load on their own, are not counted. */
async function loadedBy(...args: readonly string[]): Promise<Loaded> {
  const folder = mkdtempSync(join(tmpdir(), 'mtglacier-loaded-'));
  try {
    const { exitCode, stderr } = await start(args, { env: { NODE_V8_COVERAGE: folder } }).ended;
    expect(exitCode, stderr).toBe(0);
    const urls = urlsIn(folder);
    const own = urls.flatMap((url) => /^file:.*\/dist\/((?:(?!node_modules).)*)$/.exec(url)?.[1] ?? []);
    const packages = urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []);
    return { own: own.toSorted(), packages: [...new Set(packages)].toSorted() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every script that the main thread had compiled when it ended. */
function urlsIn(folder: string): readonly string[] {
  const reports = readdirSync(folder).map((name) => readReport(join(folder, name)));
  const main = reports.filter((urls) => urls.some((url) => url.endsWith('/dist/cli/main.js')));
  expect(main).toHaveLength(1);
  return main[0] ?? [];
}

function readReport(file: string): readonly string[] {
  const { result } = JSON.parse(readFileSync(file, 'utf8')) as { result: readonly { readonly url: string }[] };
  return result.map(({ url }) => url);
}

describe('start-up', () => {
  let place: Workplace;
  let kept: readonly string[];
  let keptInVault: readonly string[];

  beforeAll(async () => {
    place = await openWorkplace('start-up');
    mkdirSync(place.at('photos'));
    for (const name of ['a', 'b']) writeFileSync(place.at('photos', name), `content of ${name}`);
    kept = ['--dir', place.at('photos'), '--journal', place.at('j')];
    keptInVault = [...kept, '--vault', 'photos', ...place.config];
    const { exitCode, stderr } = await start(['create-vault', 'photos', ...place.config]).ended;
    expect(exitCode, stderr).toBe(0);
  });

  afterAll(async () => {
    await place[Symbol.asyncDispose]();
  });

  it.each([[['--version']], [['version', '--json']]])('start-up: %j loads a handful of files', async (argv) => {
    const { own, packages } = await loadedBy(...argv);
    expect(packages).toEqual([]);
    expect(own).toContain('cli/version.js');
    expect(own.length, own.join(', ')).toBeLessThanOrEqual(16);
    expect(own.filter((file) => /^cli\/.*(?:table|option|command|terminal)/.test(file))).toEqual([]);
  });

  it('start-up: help loads what lays it out, and nothing that runs a command', async () => {
    const { own, packages } = await loadedBy('help', 'sync');
    expect(packages).toEqual(['commander']);
    expect(own).toContain('cli/help.js');
    expect(own.filter((file) => /^(?:flows|transfer|edges)\/|^cli\/(?:commands\/|run-command\.)/.test(file))).toEqual(
      [],
    );
  });

  it('start-up: a sync that stores, replaces and deletes loads the lock, and neither the SDK nor a pool of threads', async () => {
    const changed = ['--new', '--replace-modified', '--delete-removed', ...keptInVault];
    const { own, packages } = await loadedBy('sync', ...keptInVault);
    expect(packages).toContain('proper-lockfile');
    expect(
      packages.filter((name) => /^@(?:aws-sdk|smithy)\/|^(?:commander|hash-wasm|iconv-lite|lmdb|piscina)$/.test(name)),
    ).toEqual([]);
    expect(own).toContain('flows/storing/store.js');
    writeFileSync(place.at('photos', 'a'), 'another content of a');
    rmSync(place.at('photos', 'b'));
    expect((await loadedBy('sync', ...changed)).packages).toEqual(packages);
    writeFileSync(place.at('photos', 'b'), 'content of b');
    expect(own.filter((file) => file.startsWith('edges/'))).toEqual([]);
  });

  it.each([
    ['sync --dry-run', 'flows/storing/survey.js', () => ['sync', '--dry-run', '--replace-modified', ...keptInVault]],
    ['check-local-hash', 'flows/check.js', () => ['check-local-hash', ...kept]],
    ['ls', 'flows/list-archives.js', () => ['ls', '--journal', place.at('j')]],
  ])('start-up: %s loads no package, and nothing that leads to a vault', async (_, flow, argv) => {
    const { own, packages } = await loadedBy(...argv());
    expect(packages).toEqual([]);
    expect(own).toContain(flow);
    expect(own.filter((file) => /^journal\/(?:writing|journal-file|lock|pending)/.test(file))).toEqual([]);
    expect(own.filter((file) => /^(?:vault|edges)\//.test(file))).toEqual([]);
  });

  it('start-up: a look at what tells of jobs loads the client of topics, and that of queues when there is one to look for', async () => {
    const status = ['notify', 'status', '--vault', 'photos', ...place.config];
    const ofNotices = /^@aws-sdk\/client-s[nq]s$/;
    const { packages } = await loadedBy(...status, '--queue', 'off');
    expect(packages.filter((name) => ofNotices.test(name))).toEqual(['@aws-sdk/client-sns']);
    const both = (await loadedBy(...status)).packages.filter((name) => ofNotices.test(name));
    expect(both).toEqual(['@aws-sdk/client-sns', '@aws-sdk/client-sqs']);
  });

  it('start-up: ls loads nothing that walks a directory or moves bytes', async () => {
    const { own } = await loadedBy('ls', '--journal', place.at('j'));
    expect(own.filter((file) => /^(?:transfer|flows|cli\/commands)\/|^disk\/walk/.test(file))).toEqual([
      'cli/commands/ls.js',
      'flows/list-archives.js',
    ]);
  });
});
