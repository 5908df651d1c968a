// The rules of the house (docs/architecture.md), held literally against the source.

import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '..', 'src');

interface Room {
  /** Rooms whose files it may import. */
  readonly below: readonly string[];
  /** Node's own modules. */
  readonly node: readonly string[];
  readonly packages: readonly string[];
}

const LOCAL_SERVER = 'edges/local-server';

const NOTICE_LISTENER = 'edges/notice-listener';

const FILES = ['fs', 'fs/promises', 'path', 'crypto', 'timers/promises', 'process', 'os'];

const ROOMS: Record<string, Room> = {
  model: { below: [], node: ['crypto'], packages: ['hash-wasm', 'iconv-lite'] },
  plan: { below: ['model'], node: [], packages: [] },
  disk: { below: ['model'], node: [...FILES, 'worker_threads'], packages: ['fs-native-extensions'] },
  journal: {
    below: ['model'],
    node: [...FILES, 'buffer', 'zlib'],
    packages: ['proper-lockfile', 'fs-native-extensions'],
  },
  vault: {
    below: ['model'],
    node: ['crypto', 'http', 'https', 'net', 'process', 'stream', 'timers/promises', 'tls'],
    packages: ['@aws-sdk/client-glacier', '@aws-sdk/client-sns', '@aws-sdk/client-sqs'],
  },
  transfer: {
    below: ['model', 'disk', 'vault'],
    node: ['events', 'timers/promises', 'worker_threads'],
    packages: ['piscina'],
  },
  flows: { below: ['model', 'plan', 'disk', 'journal', 'vault', 'transfer'], node: [], packages: [] },
  cli: {
    below: ['model', 'plan', 'disk', 'journal', 'vault', 'transfer', 'flows'],
    node: [...FILES, 'child_process', 'util', 'url', 'module', 'events'],
    packages: ['commander'],
  },
  [NOTICE_LISTENER]: { below: ['model'], node: ['crypto', 'events', 'http', 'https', 'net'], packages: [] },
  [LOCAL_SERVER]: {
    below: ['model'],
    node: [
      ...FILES,
      'http',
      'https',
      'stream',
      'stream/promises',
      'net',
      'url',
      'util',
      'events',
      'worker_threads',
      'zlib',
    ],
    packages: [],
  },
};

/** Chambers of the local vault, from the ground up: a file imports from its own and those before it. */
const CHAMBERS: readonly string[] = [
  'protocol',
  'durable',
  'policies',
  'vault',
  'bodies',
  'folder',
  'signing',
  'control',
  'operations',
  'notices',
  'http',
  'check',
];

const BESIDE_CHAMBERS: ReadonlySet<string> = new Set(['start.ts', 'start-options.ts', 'house.ts']);

interface Source {
  readonly file: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly { readonly to: string; readonly lazy: boolean }[];
}

function roomOf(file: string): string {
  const [first, second] = file.split('/');
  return first === 'edges' ? `${first}/${second}` : (first ?? '');
}

function importsOf(text: string): Source['imports'] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const found: { to: string; lazy: boolean }[] = [];
  const statement = /^(?:import\s+(?:[^'";]*?\sfrom\s+)?|export\s+(?:type\s+)?[{*][^'";]*?\sfrom\s+)['"]([^'"]+)['"]/gm;
  for (const match of code.matchAll(statement)) found.push({ to: match[1] as string, lazy: false });
  for (const match of code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g))
    found.push({ to: match[1] as string, lazy: true });
  return found;
}

const SOURCES: readonly Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .toSorted()
  .map((file) => {
    const text = readFileSync(join(SRC, file), 'utf8');
    return { file, room: roomOf(file), text, imports: importsOf(text) };
  });

/** Path of the imported file below src, or null for modules. */
function target(source: Source, to: string): string | null {
  return to.startsWith('.') ? normalize(join(dirname(source.file), to)).replace(/\.js$/, '.ts') : null;
}

function findings(of: (source: Source) => Iterable<string>): string[] {
  return SOURCES.flatMap((source) => [...of(source)].map((finding) => `${source.file}: ${finding}`));
}

describe('house rules', () => {
  it('there is source to hold them against, and every file lives in a room', () => {
    expect(SOURCES.length).toBeGreaterThan(30);
    expect(findings(({ room }) => (room in ROOMS ? [] : [`${room} is no room`]))).toEqual([]);
  });

  it('a file imports only from its own room and the rooms below, edges only lazily from cli', () => {
    const wrong = findings(function* (source) {
      for (const { to, lazy } of source.imports) {
        const path = target(source, to);
        if (path === null) continue;
        const room = roomOf(path);
        const allowed =
          room === source.room ||
          ROOMS[source.room]?.below.includes(room) ||
          (source.room === 'cli' && room.startsWith('edges/') && (lazy || isTypeOnly(source, to)));
        if (!allowed) yield `imports ${path}`;
      }
    });
    expect(wrong).toEqual([]);
  });

  it('a chamber of the local vault imports only from itself and those before it; no file is beside them but those that put them together', () => {
    const chamberOf = (file: string): number => {
      const [chamber = '', ...rest] = file.slice(LOCAL_SERVER.length + 1).split('/');
      return BESIDE_CHAMBERS.has(chamber) && rest.length === 0 ? CHAMBERS.length : CHAMBERS.indexOf(chamber);
    };
    const wrong = findings(function* (source) {
      if (source.room !== LOCAL_SERVER) return;
      const own = chamberOf(source.file);
      if (own < 0) yield 'is in no chamber';
      for (const { to } of source.imports) {
        const path = target(source, to);
        if (path?.startsWith(`${LOCAL_SERVER}/`) && chamberOf(path) > own) yield `imports ${path}`;
      }
    });
    expect(wrong).toEqual([]);
  });

  it('a room uses only its own modules of Node and its own packages', () => {
    const wrong = findings(function* ({ room, imports }) {
      for (const { to } of imports) {
        if (to.startsWith('.')) continue;
        const node = to.startsWith('node:');
        const list = node ? ROOMS[room]?.node : ROOMS[room]?.packages;
        if (!list?.includes(to.replace('node:', ''))) yield `imports ${to}`;
        if (!node && builtinModules.includes(to)) yield `imports ${to} without node:`;
      }
    });
    expect(wrong).toEqual([]);
  });

  it('imports form no cycle', () => {
    const edges = new Map(
      SOURCES.map((source) => [source.file, source.imports.flatMap(({ to }) => target(source, to) ?? [])]),
    );
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'open') cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (state.has(file)) return;
      state.set(file, 'open');
      for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
      state.set(file, 'done');
    };
    for (const { file } of SOURCES) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it('a file says its duty in its first line, and its name says something', () => {
    const wrong = findings(function* ({ file, text }) {
      const first = text.replace(/^#!.*\n/, '').split('\n', 1)[0] ?? '';
      if (!/^\/\/ \S.{15,}[.:?]$/.test(first)) yield `first line is ${JSON.stringify(first)}`;
      if (/(^|\/)(utils?|helpers?|types|index|common|misc|shared)\.ts$/.test(file))
        yield 'has a name that says nothing';
    });
    expect(wrong).toEqual([]);
  });

  it('nothing is exported by default or exported again', () => {
    const wrong = findings(function* ({ text }) {
      if (/^export default\b/m.test(text)) yield 'has a default export';
      if (/^export\s+(type\s+)?(\*|\{[^}]*\})\s+from\b/m.test(text)) yield 'exports again what another file exports';
    });
    expect(wrong).toEqual([]);
  });

  it('below cli nobody ends the process, prints, or keeps a timer; a server may keep timers', () => {
    const wrong = findings(function* ({ room, text }) {
      if (room === 'cli') return;
      if (/\bprocess\.(exit|stdout|stderr)\b/.test(text)) yield 'ends the process or prints';
      if (/\bconsole\./.test(text)) yield 'prints';
      if (!room.startsWith('edges/') && /\bset(Timeout|Interval)\(/.test(text)) yield 'keeps a timer';
    });
    expect(wrong).toEqual([]);
  });

  it('no command opens a journal past the check of its encodings', () => {
    const wrong = findings(function* ({ file, room, text }) {
      if (room !== 'cli' || file === 'cli/kept-journal.ts' || file === 'cli/session.ts') return;
      if (/\bopenFor(Reading|Writing)\b/.test(text)) yield 'opens a journal itself';
    });
    expect(wrong).toEqual([]);
  });

  it('a folder holds no more files than one can take in', () => {
    const folders = SOURCES.map(({ file }) => dirname(file));
    const crowded = new Set(folders.filter((folder) => folders.filter((other) => other === folder).length > 45));
    expect([...crowded]).toEqual([]);
  });

  it('a file stays below 300 lines', () => {
    const wrong = findings(({ text }) => {
      const lines = text.split('\n').length;
      return lines > 300 ? [`has ${lines} lines`] : [];
    });
    expect(wrong).toEqual([]);
  });
});

function isTypeOnly(source: Source, to: string): boolean {
  const escaped = to.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return new RegExp(`import type [^;]*from ['"]${escaped}['"]`).test(source.text);
}
