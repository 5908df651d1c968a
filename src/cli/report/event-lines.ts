// Puts each event of a run into lines for people. Scripts of mt-aws-glacier's time look for some of these words.

import type { Instant } from '../../model/clock.js';
import type { PlannedStep, RunEvent } from '../../model/events.js';
import type { ByteRange } from '../../model/parts.js';
import { expectedTime } from '../words/expectation.js';
import { shownWantedBytes } from '../words/wanted-bytes.js';
import { bandwidthText, durationText, sizeText } from './quantities.js';
import { oneLine, shownName } from './safe-text.js';
import { sleepingText, waveText } from './wave-text.js';

type LineKind =
  /** What was done; to stdout. */
  | 'deed'
  /** A part of what is being done; to stdout, where no moving line shows it. */
  | 'step'
  /** What was found wrong; to stdout, also when quiet. */
  | 'finding'
  | 'error'
  | 'warning'
  | 'notice';

/** Safe to print. `text` has no label yet; `hint` is null where there is none. */
export interface EventLine {
  readonly kind: LineKind;
  readonly text: string;
  readonly hint: string | null;
}

const WARNING_TOPICS: ReadonlySet<string> = new Set([
  'deprecated-option',
  'ignored-option',
  'secret-typed',
  'unknown-variable',
]);

/** @param directory the kept directory as the user named it, null where the command has none */
export function linesOf(event: RunEvent, directory: string | null, now: Instant): readonly EventLine[] {
  const file = (path: string): string => shownName(pathBelow(directory, path));
  switch (event.event) {
    case 'planned':
      return [deed(plannedText(event, file))];
    case 'stored':
      return [
        ...(event.resumed > 0
          ? [deed(`Resumed ${shownName(event.path)}: ${sizeText(event.resumed)} were in the vault already`)]
          : []),
        deed(`Finished ${shownName(event.path)} hash [${oneLine(event.treeHash)}] archive_id [${event.archiveId}]`),
      ];
    case 'deleted':
      return [deed(`Deleted ${shownName(event.path)} archive_id [${event.archiveId}]`)];
    case 'abandoned':
      return [deed(`Dropped upload ${event.uploadId}${named(event.path)}`)];
    case 'compared':
      return [deed(`Checked treehash for ${file(event.path)} - ${event.same ? 'MATCH' : 'DOES NOT MATCH'}`)];
    case 'requested':
      return [deed(`Retrieved Archive ${event.archiveId} (filename ${shownName(event.path)}${rangeText(event)})`)];
    case 'range-got':
      return [deed(`Downloaded bytes ${shownWantedBytes(event.range)} of archive ${file(event.path)}`)];
    case 'restored':
      return restoredLines(event, file(event.path));
    case 'waiting':
      return [deed(`Not ready yet: ${shownName(event.path)}${rangeText(event)}${expectedText(event.expected, now)}`)];
    case 'checked':
      return checkedLines(event);
    case 'verified':
      return verifiedLines(event);
    case 'adopted':
      return [deed(`Adopted ${shownName(event.path)} archive_id [${event.archiveId}]`)];
    case 'forgotten':
      return [deed(`Forgot ${shownName(event.path)} archive_id [${event.archiveId}]`)];
    case 'set-aside':
      return [deed(`Set aside ${event.archiveId ?? 'an entry'}: ${event.why}`)];
    case 'failed':
      return [{ kind: 'error', text: failedText(event), hint: event.hint }];
    case 'notice':
      return [{ kind: WARNING_TOPICS.has(event.topic) ? 'warning' : 'notice', text: event.message, hint: event.hint }];
    case 'retrying':
      return [{ kind: 'warning', text: retryText(event), hint: null }];
    case 'bandwidth':
      return [{ kind: 'notice', text: `bandwidth: ${bandwidthText(event)}`, hint: null }];
    case 'upload-begun':
      return [step(`Created an upload_id ${event.uploadId}`)];
    case 'part-sent':
      return [step(`Uploaded part for ${shownName(event.path)} at offset [${event.at}]`)];
    case 'segment-fetched':
      return [step(`Downloaded part of archive ${file(event.path)} at offset ${event.at}, size ${event.size}`)];
    case 'wave':
      return [{ kind: 'notice', text: waveText(event, now), hint: null }];
    case 'sleeping':
      return [step(sleepingText(event, now))];
    case 'left-out':
    case 'ahead':
    case 'moved':
      return [];
  }
}

function deed(text: string): EventLine {
  return { kind: 'deed', text: oneLine(text), hint: null };
}

function step(text: string): EventLine {
  return { kind: 'step', text: oneLine(text), hint: null };
}

function finding(text: string): EventLine {
  return { kind: 'finding', text: oneLine(text), hint: null };
}

function pathBelow(directory: string | null, path: string): string {
  if (directory === null) return path;
  const trimmed = directory.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  return `${trimmed}/${path}`;
}

function restoredLines({ resumed }: Extract<RunEvent, { event: 'restored' }>, name: string): EventLine[] {
  const before = resumed > 0 ? [deed(`Resumed ${name}: ${sizeText(resumed)} were here already`)] : [];
  return [...before, deed(`Downloaded archive ${name}`)];
}

function plannedText(step: PlannedStep, file: (path: string) => string): string {
  switch (step.do) {
    case 'upload':
      return `Will UPLOAD ${file(step.path)}`;
    case 'verify-and-upload':
      return `Will VERIFY treehash and UPLOAD ${file(step.path)} if modified`;
    case 'delete':
      return `Will DELETE archive ${step.archiveId} (filename ${shownName(step.path)})`;
    case 'retrieve':
      return `Will RETRIEVE archive ${step.archiveId} (filename ${shownName(step.path)}${rangeText(step)})`;
    case 'download':
      return `Will DOWNLOAD (if available) archive ${step.archiveId} (filename ${shownName(step.path)}${rangeText(step)})`;
    case 'check':
      return `Will check file ${shownName(step.path)}`;
    case 'adopt':
      return `Will ADOPT archive ${step.archiveId} (filename ${shownName(step.path)})`;
    case 'forget':
      return `Will FORGET archive ${step.archiveId} (filename ${shownName(step.path)})`;
    case 'resume':
      return `Will RESUME upload ${step.uploadId} of ${file(step.path)}`;
    case 'abandon':
      return `Will DROP upload ${step.uploadId}${named(step.path)}`;
  }
}

/** As `get --range` takes it. */
function rangeText({ range }: { readonly range?: ByteRange }): string {
  return range === undefined ? '' : `, bytes ${shownWantedBytes(range)}`;
}

/** An upload may have been described by any text, or none. */
function named(path: string | null): string {
  return path === null ? '' : ` (filename ${shownName(path)})`;
}

function expectedText(expected: { readonly from: Instant; readonly to: Instant } | null, now: Instant): string {
  return expected === null ? '' : ` (expected ${expectedTime(expected, now)})`;
}

/** "MISSMATCH" is how mt-aws-glacier spelled it, so how scripts look for it. */
function checkedLines(event: Extract<RunEvent, { event: 'checked' }>): EventLine[] {
  const name = shownName(event.path);
  const mtime = event.otherMtime;
  const lines = mtime === null ? [] : [deed(`MTIME missmatch ${name} ${mtime.journal} != ${mtime.actual}`)];
  switch (event.result) {
    case 'ok':
      return [...lines, deed(`OK ${name} ${event.size} ${oneLine(event.treeHash)}`)];
    case 'missing':
      return [...lines, finding(`MISSED ${name}`)];
    case 'empty':
      return [...lines, finding(`ZERO SIZE ${name}`)];
    case 'unreadable':
      return [...lines, finding(`CANNOT OPEN file ${name}: ${oneLine(event.why)}`)];
    case 'size':
      return [...lines, finding(`SIZE MISSMATCH ${name}`)];
    case 'tree-hash':
      return [...lines, finding(`TREEHASH MISSMATCH ${name}`)];
  }
}

function verifiedLines(event: Extract<RunEvent, { event: 'verified' }>): EventLine[] {
  const archive = `${shownName(event.name)} archive_id [${event.archiveId}]`;
  switch (event.result) {
    case 'missing':
      return [finding(`MISSING IN VAULT ${archive}`)];
    case 'orphaned':
      return [finding(`NOT IN JOURNAL ${archive}`)];
    case 'differing':
      return [finding(`DIFFERS (${event.differs.join(', ')}) ${archive}`)];
    case 'too-new':
      return [];
  }
}

/** A message names its thing; where one does not, the name is put in front. */
function failedText(event: Extract<RunEvent, { event: 'failed' }>): string {
  const name = shownName(event.name);
  const named = event.message.includes(event.name) || event.message.includes(name);
  return named ? event.message : `${name}: ${event.message}`;
}

/** What failed mostly says what it was for. */
function retryText({ request, why, attempt, delayMs }: Extract<RunEvent, { event: 'retrying' }>): string {
  const what = why.startsWith('cannot ') ? why : `${request}: ${why}`;
  return `${what}; attempt ${attempt} in ${durationText(delayMs)}`;
}
