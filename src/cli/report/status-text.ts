// How everything stands, in paragraphs for people.

import type { JournalStanding } from '../../flows/looking/journal-standing.js';
import { SOON, type VaultStanding } from '../../flows/looking/vault-standing.js';
import type { Instant } from '../../model/clock.js';
import { Money } from '../../model/money.js';
import type { Amount } from '../../plan/early-deletion.js';
import { expectedTime } from '../words/expectation.js';
import { shownWantedBytes } from '../words/wanted-bytes.js';
import { durationText, minuteText, sizeText, timeText } from './quantities.js';
import { shownName } from './safe-text.js';
import type { Charge, Status } from './status.js';

type Vault = Status['vault'] & object;

/** A paragraph: its heading, and lines of what is counted; those that count nothing are left out. */
interface Paragraph {
  readonly heading: string;
  readonly rows: readonly Row[];
  readonly after: readonly string[];
}

interface Row {
  readonly label: string;
  readonly count: number;
  /** null where bytes mean nothing. */
  readonly bytes: number | null;
  readonly remark: string;
}

export function statusLines(status: Status, now: Instant): string[] {
  const paragraphs = [
    journalText(status.journal),
    ...(status.vault === null
      ? [askedForText(status.journal, now)]
      : [retrievalsText(status.vault, status.journal, now)]),
    restoresText(status, now),
    unfinishedText(status, now),
    deletionText(status),
    ...(status.missing === null ? [] : [missingText(status.missing)]),
  ];
  const shown = paragraphs.filter(({ rows, after }) => after.length > 0 || rows.some(({ count }) => count > 0));
  const rows = shown.flatMap(({ rows }) => rows);
  return shown.flatMap((paragraph) => linesIn(paragraph, rows)).slice(1);
}

/** After an empty line. Columns are as wide as those of all paragraphs need. */
function linesIn({ heading, rows, after }: Paragraph, all: readonly Row[]): string[] {
  const width = (cell: (row: Row) => string): number => Math.max(...all.map((row) => cell(row).length));
  const [labels, counts, sizes] = [width(({ label }) => label), width(countCell), width(sizeCell)];
  const lines = rows.flatMap((row) => {
    if (row.count === 0) return [];
    const cells = [
      row.label.padEnd(labels),
      countCell(row).padStart(counts),
      sizeCell(row).padStart(sizes),
      row.remark,
    ];
    return [`  ${cells.join('  ')}`.trimEnd()];
  });
  return ['', heading, ...lines, ...after.map((line) => `  ${line}`)];
}

function countCell({ count }: Row): string {
  return `${count}`;
}

function sizeCell({ bytes }: Row): string {
  return bytes === null ? '' : sizeText(bytes);
}

function row(label: string, { count, bytes }: Amount, remark = ''): Row {
  return { label, count, bytes, remark };
}

function countRow(label: string, count: number, remark = ''): Row {
  return { label, count, bytes: null, remark };
}

function journalText({ files, olderVersions, stored }: JournalStanding): Paragraph {
  return {
    heading: 'In the journal',
    rows: [row('files', files), row('older versions', olderVersions)],
    after: [stored === null ? 'nothing' : `stored ${spanText(stored)}`],
  };
}

/** `from 2019-01-02 10:00 to 2026-11-19 03:12`; `2026-11-19 03:12` where that is the same minute. */
function spanText({ from, to }: JournalStanding['stored'] & object): string {
  const [first, last] = [minuteText(from), minuteText(to)];
  return first === last ? first : `from ${first} to ${last}`;
}

/** All that the journal alone can tell of them. */
function restoresText({ restores }: Status, now: Instant): Paragraph {
  const rows = restores.map(({ terms, asked, allowed, acceptedAt }) => {
    const spent = asked.cost > 0 ? `, ${Money.shown(asked.cost)}${ofLimit(allowed.cost)}` : '';
    const remark = `asked for in tier ${terms.tier}${spent}, accepted ${timeText(acceptedAt, now)}`;
    return row(shownName(terms.directory), { count: asked.files, bytes: asked.bytes }, remark);
  });
  const untouched = restores
    .filter(({ asked }) => asked.files === 0)
    .map(({ terms, acceptedAt }) => {
      const name = shownName(terms.directory);
      return `${name}  nothing asked for yet in tier ${terms.tier}, accepted ${timeText(acceptedAt, now)}`;
    });
  const after = restores.length === 0 ? [] : [...untouched, 'mtglacier watch brings them home'];
  return { heading: 'Accepted restores', rows, after };
}

function ofLimit(cost: Money): string {
  return cost === Money.MOST ? '' : ` of ${Money.shown(cost)}`;
}

function askedForText({ askedFor, lastAskedFor: last }: JournalStanding, now: Instant): Paragraph {
  const remark = last === null ? '' : `in the last 24 hours, the last at ${timeText(last, now)}`;
  return {
    heading: 'Retrievals',
    rows: [row('asked for', askedFor, remark)],
    after: askedFor.count === 0 ? [] : ['whether they are ready the vault tells: name it with --vault'],
  };
}

function retrievalsText(vault: Vault, journal: JournalStanding, now: Instant): Paragraph {
  const { ready, expiring, readyUntil, running, expected, failed } = vault.retrievals;
  const { inventories } = vault;
  const until = readyUntil === null ? '' : `the first until ${timeText(readyUntil, now)}`;
  const soon = `in ${durationText(SOON * 1000)} or less: fetch them with restore-completed`;
  const rows = [
    row('ready', ready, until),
    row('  of which soon gone', expiring, soon),
    row('under way', running, expected === null ? '' : `expected ${expectedTime(expected, now)}`),
    row('failed', failed, 'ask for them again'),
    countRow('inventories ready', inventories.ready),
    countRow('inventories under way', inventories.running),
    countRow('inventories failed', inventories.failed),
  ];
  const isAny = rows.some(({ count }) => count > 0);
  return {
    heading: `Retrievals of vault ${vault.name}`,
    rows,
    after: isAny ? firstGoneText(vault, journal, now) : ['nothing is ready and nothing under way'],
  };
}

function firstGoneText({ firstGone, retrievals }: Vault, { found }: JournalStanding, now: Instant): string[] {
  if (firstGone.length === 0) return [];
  const lines = firstGone.map((job) => {
    const archive = job.archiveId === null ? undefined : found.get(job.archiveId);
    const name = archive === undefined ? (job.archiveId ?? 'something else') : shownName(archive.path);
    const range = job.range === null ? '' : ` (bytes ${shownWantedBytes(job.range)})`;
    return `${endText(job, now)}  ${name}${range}`;
  });
  return [`can be read until${lines.length < retrievals.ready.count ? ', the first of them' : ''}:`, ...lines];
}

function endText({ progress }: VaultStanding['firstGone'][number], now: Instant): string {
  const end = progress.state === 'ready' ? progress.readableUntil : null;
  if (end === null) return 'nobody tells';
  return `${timeText(end, now)}${end - now <= SOON ? ' (soon gone)' : ''}`;
}

function unfinishedText({ left, vault }: Status, now: Instant): Paragraph {
  const since =
    vault === null || vault.uploads.oldest === null ? '' : `the oldest of ${timeText(vault.uploads.oldest, now)}`;
  return {
    heading: 'Unfinished',
    rows: [
      row('uploads of this journal', left.uploads, 'the next sync goes on with them'),
      countRow('deletions of this journal', left.deletions, 'the next sync ends them'),
      countRow('possible orphans', left.possibleOrphans, 'verify-remote tells what became of them'),
      countRow('uploads in the vault', vault?.uploads.count ?? 0, since),
    ],
    after: [],
  };
}

function deletionText({ journal: { deletion, files, olderVersions }, charge }: Status): Paragraph {
  const months = [...deletion.months].map(([month, amount]) => row(`by the end of ${month}`, amount));
  const isAny = files.count + olderVersions.count > 0;
  return {
    heading: 'Could be deleted for nothing',
    rows: [row('now', deletion.free), ...months],
    after: isAny ? [chargeText(charge)] : [],
  };
}

function chargeText(charge: Charge): string {
  switch (charge.by) {
    case 'nothing-to-pay':
      return 'to delete everything now would cost nothing: these vaults are not at AWS';
    case 'nobody':
      return 'what deleting everything now would cost is not known: the prices of the region are not in the table';
    case 'table': {
      const { total, source } = charge;
      if (total === 0) return 'to delete everything now would cost nothing';
      const table = source.file === null ? 'built-in prices' : `prices of ${shownName(source.file)}`;
      return `to delete everything now would cost about ${Money.shown(total)}, an estimate by the ${table} of ${source.date}`;
    }
  }
}

function missingText({ directory, ...amount }: Status['missing'] & object): Paragraph {
  return {
    heading: `Not in ${shownName(directory)}`,
    rows: [row('files missing', amount)],
    after: amount.count === 0 ? ['nothing: all files of the journal are there'] : [],
  };
}
