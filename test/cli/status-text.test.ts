import { describe, expect, it } from 'vitest';
import type { Status } from '../../src/cli/report/status.js';
import { statusFields } from '../../src/cli/report/status-fields.js';
import { statusLines } from '../../src/cli/report/status-text.js';
import type { VaultStanding } from '../../src/flows/looking/vault-standing.js';
import { Instant } from '../../src/model/clock.js';
import { ArchiveId, JobId } from '../../src/model/identifiers.js';
import { Money } from '../../src/model/money.js';
import { RelPath } from '../../src/model/rel-path.js';
import { TreeHash } from '../../src/model/tree-hash.js';

const HOUR = 3600;
const at = (seconds: number): Instant => Instant.ofSeconds(1_700_000_000 + seconds);
const NOW = at(0);
const NOTHING = { count: 0, bytes: 0 };
const FILM = ArchiveId.parse('id-of-film');
const EVIL = ArchiveId.parse('id-of-evil');

function archive(id: ArchiveId, path: string) {
  return { id, path: RelPath.parse(path), size: 5, mtime: null, treeHash: TreeHash.recorded('0'), createdAt: at(0) };
}

const JOURNAL: Status['journal'] = {
  files: { count: 1234, bytes: 5 * 2 ** 30 },
  olderVersions: { count: 2, bytes: 10 },
  stored: { from: at(-1000 * 24 * HOUR), to: at(-HOUR) },
  askedFor: { count: 3, bytes: 30 },
  lastAskedFor: at(-HOUR),
  deletion: {
    free: { count: 1000, bytes: 4 * 2 ** 30 },
    months: new Map([['2023-12', { count: 236, bytes: 2 ** 30 + 10 }]]),
    byteDays: 9,
  },
  found: new Map([
    [FILM, archive(FILM, 'film.mov')],
    [EVIL, archive(EVIL, '\u202e\u001b[2J')],
  ]),
};

const EMPTY: Status['journal'] = {
  files: NOTHING,
  olderVersions: NOTHING,
  stored: null,
  askedFor: NOTHING,
  lastAskedFor: null,
  deletion: { free: NOTHING, months: new Map(), byteDays: 0 },
  found: new Map(),
};

const STATUS: Status = {
  journal: JOURNAL,
  left: { uploads: NOTHING, deletions: 0, possibleOrphans: 0 },
  restores: [],
  vault: null,
  charge: {
    by: 'table',
    total: Money.ofMillionths(1_234_567),
    source: { date: '2026-10-03', from: 'AWS', file: null },
  },
  missing: null,
};

const IDLE: VaultStanding = {
  retrievals: {
    ready: NOTHING,
    expiring: NOTHING,
    readyUntil: null,
    running: NOTHING,
    expected: null,
    failed: NOTHING,
  },
  inventories: { ready: 0, running: 0, failed: 0 },
  firstGone: [],
  uploads: { count: 0, oldest: null },
};

function readyJob(archiveId: ArchiveId, until: Instant | null, range: { start: number; end: number } | null = null) {
  const asked = {
    jobId: JobId.parse('job'),
    kind: 'archive',
    requestedAt: at(-9),
    description: '',
    size: 5,
    tier: 'Bulk',
  } as const;
  return {
    ...asked,
    archiveId,
    range,
    progress: { state: 'ready', completedAt: at(-1), readableUntil: until },
  } as const;
}

const textOf = (status: Partial<Status>): string => statusLines({ ...STATUS, ...status }, NOW).join('\n');

describe('status', () => {
  it('status: by the journal alone', () => {
    const text = textOf({});
    expect(text).toMatch(
      /^In the journal\n {2}files +1234 +5\.0 GiB\n {2}older versions +2 +10 B\n {2}stored from \S+ \S+ to \S+ \S+\n/,
    );
    expect(text).toMatch(
      /\n\nRetrievals\n {2}asked for +3 +30 B {2}in the last 24 hours, the last at \S+\n.* --vault\n/,
    );
    expect(text).toMatch(
      /\n\nCould be deleted for nothing\n {2}now +1000 +4\.0 GiB\n {2}by the end of 2023-12 +236 +1\.0 GiB\n/,
    );
    expect(text).toMatch(/would cost about \$1\.24, an estimate by the built-in prices of 2026-10-03$/);
    expect(text).not.toMatch(/Unfinished|Not in/);
    const journal = { ...STATUS.journal, stored: { from: at(-1), to: at(-1) } };
    expect(textOf({ journal })).toMatch(/\n {2}stored \d{4}-\d\d-\d\d \d\d:\d\d\n/);
  });

  it('status: numbers stand under numbers in all paragraphs', () => {
    const lines = statusLines(STATUS, NOW);
    const ends = lines.flatMap(
      (line) => /^ {2}(?:files|older versions|asked for|now|by the end of \S+) +\d+/.exec(line)?.[0].length ?? [],
    );
    expect(ends).toHaveLength(5);
    expect(new Set(ends).size).toBe(1);
  });

  it('status: an empty journal says so, and an idle vault too', () => {
    expect(textOf({ journal: EMPTY })).toBe('In the journal\n  nothing');
    const text = textOf({ journal: EMPTY, vault: { name: 'v', ...IDLE } });
    expect(text).toBe('In the journal\n  nothing\n\nRetrievals of vault v\n  nothing is ready and nothing under way');
  });

  it('status: what is ready is told until when, and what is soon gone is marked', () => {
    const vault = {
      name: 'v',
      ...IDLE,
      retrievals: {
        ready: { count: 3, bytes: 15 },
        expiring: { count: 1, bytes: 5 },
        readyUntil: at(5 * HOUR),
        running: { count: 1, bytes: 7 },
        expected: { from: at(HOUR), to: at(2 * HOUR) },
        failed: { count: 1, bytes: 9 },
      },
      inventories: { ready: 1, running: 0, failed: 0 },
      firstGone: [
        readyJob(FILM, at(5 * HOUR), { start: 0, end: 2 ** 30 }),
        readyJob(EVIL, at(5 * HOUR + 1)),
        readyJob(ArchiveId.parse('stranger'), null),
      ],
      uploads: { count: 4, oldest: at(-HOUR) },
    };
    const text = textOf({ vault });
    expect(text).toMatch(
      /\n {2}ready +3 +15 B {2}the first until \S+ \S+\n {4}of which soon gone +1 +5 B {2}in 5 h or less/,
    );
    expect(text).toMatch(/\n {2}under way +1 +7 B {2}expected from \S+.* to \S+/);
    expect(text).toMatch(/\n {2}failed +1 +9 B {2}ask for them again\n {2}inventories ready +1\n/);
    expect(text).toMatch(
      /\n {2}can be read until:\n {2}.* \(soon gone\) {2}film\.mov \(bytes 0-1G\)\n {2}\S+ \S+ {2}\S+\n {2}nobody tells {2}stranger\n/,
    );
    expect(text).toMatch(/\n\nUnfinished\n {2}uploads in the vault +4 +the oldest of \S+/);
    expect(text).not.toMatch(/[\u001b\u202e]/);
  });

  it('status: what runs left to do is told with what ends it', () => {
    const text = textOf({ left: { uploads: { count: 2, bytes: 2048 }, deletions: 1, possibleOrphans: 3 } });
    expect(text).toMatch(/\nUnfinished\n {2}uploads of this journal +2 +2\.0 KiB {2}the next sync goes on with them\n/);
    expect(text).toMatch(/\n {2}deletions of this journal +1 .*sync/);
    expect(text).toMatch(/\n {2}possible orphans +3 .*verify-remote/);
  });

  it('status: what is missing in the directory is told, also that nothing is', () => {
    expect(textOf({ missing: { directory: '/photos', count: 7, bytes: 70 } })).toMatch(
      /\n\nNot in \/photos\n {2}files missing +7 +70 B$/,
    );
    expect(textOf({ missing: { directory: '/photos', ...NOTHING } })).toMatch(
      /\n\nNot in \/photos\n {2}nothing: all files/,
    );
  });

  it('status: a price that nobody knows is not told as none', () => {
    expect(textOf({ charge: { by: 'nobody' } })).toMatch(
      /is not known: the prices of the region are not in the table$/,
    );
    expect(textOf({ charge: { by: 'nothing-to-pay' } })).toMatch(/would cost nothing: these vaults are not at AWS$/);
    expect(statusFields({ ...STATUS, charge: { by: 'nobody' } })['freeToDelete']).toMatchObject({ costNow: null });
    expect(statusFields({ ...STATUS, charge: { by: 'nothing-to-pay' } })['freeToDelete']).toMatchObject({ costNow: 0 });
  });

  it('status: programs get the same as fields, times in UTC', () => {
    const fields = statusFields({ ...STATUS, vault: { name: 'v', ...IDLE, firstGone: [readyJob(FILM, at(0))] } });
    expect(fields).toMatchObject({
      files: { count: 1234, size: 5 * 2 ** 30 },
      stored: { to: '2023-11-14T21:13:20Z' },
      askedFor: { count: 3, size: 30, last: '2023-11-14T21:13:20Z' },
      freeToDelete: {
        now: { count: 1000 },
        later: [{ month: '2023-12', count: 236 }],
        costNow: 1.234567,
        pricesOf: '2026-10-03',
      },
      vault: {
        name: 'v',
        ready: { count: 0, until: null },
        firstGone: [{ path: 'film.mov', readableUntil: '2023-11-14T22:13:20Z' }],
      },
      missing: null,
    });
  });

  it('status: accepted restores are told with what they have asked for and may cost', () => {
    const terms = {
      directory: '/home/me/photos',
      rules: [],
      tier: 'Bulk',
      topic: null,
      bytesPerHour: null,
      lineSpeed: 1,
    } as const;
    const allowed = { files: null, bytes: null, cost: Money.ofMillionths(5_000_000) };
    const asked = { files: 318, bytes: 12 * 2 ** 30, cost: Money.ofMillionths(310_000) };
    const accepted = { acceptedAt: at(-HOUR), said: allowed, saidAt: at(-HOUR) };
    const plan = { id: 1, ...accepted, terms, allowed, asked, asking: null, lately: [] };
    const status = { ...STATUS, restores: [plan] };
    const text = statusLines(status, NOW).join('\n');
    expect(text).toMatch(
      /\nAccepted restores\n {2}\/home\/me\/photos +318 +12\.0 GiB {2}asked for in tier Bulk, \$0\.31 of \$5\.00, accepted .*\n {2}mtglacier watch brings them home\n/,
    );
    expect(statusFields(status)).toMatchObject({
      restores: [
        {
          id: 1,
          directory: '/home/me/photos',
          tier: 'Bulk',
          asked: { count: 318, cost: 0.31 },
          allowed: { count: null, cost: 5 },
        },
      ],
    });
    expect(
      statusFields({ ...status, restores: [{ ...plan, allowed: { ...allowed, cost: Money.MOST } }] }),
    ).toMatchObject({ restores: [{ allowed: { cost: null } }] });
    const untouched = { ...plan, id: 2, asked: { ...asked, files: 0, bytes: 0 } };
    expect(statusLines({ ...STATUS, restores: [untouched] }, NOW).join('\n')).toMatch(
      /\nAccepted restores\n {2}\/home\/me\/photos {2}nothing asked for yet in tier Bulk, accepted .*\n {2}mtglacier watch/,
    );
  });
});
