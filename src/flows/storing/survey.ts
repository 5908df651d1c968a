// Laying the directory beside the journal: the steps that storing takes, and the count of everything come upon.

import type { KeptDirectory } from '../../disk/kept-directory.js';
import type { ComparedFiles } from '../../journal/compared.js';
import type { Archive } from '../../model/archive.js';
import type { Report } from '../../model/events.js';
import { throwIfInterrupted } from '../../model/failure.js';
import { printable, type RelPath } from '../../model/rel-path.js';
import { type Pair, pair } from '../../plan/pairing.js';
import {
  archiveToDelete,
  isOfUnknownFile,
  type StoringStep,
  storingStep,
  type WantedWork,
} from '../../plan/sync-steps.js';
import type { Halt } from '../../transfer/concurrently.js';
import { reportUnforeseen } from '../items.js';
import { latestSelectedInBatches, type SelectedPorts } from '../selected.js';
import { isKnownSame } from './sameness.js';

/** What a survey came upon. Every file and every path of the journal is in exactly one of the counts or in a step. */
export interface Survey {
  /** Files here. */
  files: number;
  /** Of those: nothing to do, by what detection needs no hash for. */
  unchanged: number;
  /** Of those: new or changed, but that kind of work was not asked for. */
  notWanted: number;
  /** Paths of the journal. */
  archives: number;
  /** Of those: not here. */
  missing: number;
  /** Of those: it cannot be told whether their files are gone. */
  unknown: number;
  /** The first of the missing, at most `GONE_MAX`, where deleting was asked for. */
  readonly gone: Archive[];
  /** Here but nothing that can be kept. */
  leftOut: number;
  /** Names that no journal can hold. */
  refused: number;
  /** Places that could not be seen. */
  unseen: number;
}

/** How many missing archives one run deletes at most: their list is held in memory. */
export const GONE_MAX = 100_000;

export function emptySurvey(): Survey {
  const here = { files: 0, unchanged: 0, notWanted: 0, leftOut: 0, refused: 0, unseen: 0 };
  return { ...here, archives: 0, missing: 0, unknown: 0, gone: [] };
}

/** The directory gives what the same selection lets through. */
export interface SurveyPorts extends SelectedPorts {
  readonly directory: Pick<KeptDirectory, 'walk'>;
  /** Spares reading what was read before; consulted only where detection goes by time first. */
  readonly compared: Pick<ComparedFiles, 'isSame'>;
  readonly report: Report;
}

/** How long the survey may hold the thread before others get a turn. */
const TURN_MS = 10;

/** The steps that storing takes, by path; counts into `survey` while they are pulled. */
export async function* storingSteps(...found: Parameters<typeof stepsInBatches>): AsyncGenerator<StoringStep> {
  for await (const steps of stepsInBatches(...found)) yield* steps;
}

/** The same in batches that are never empty. */
export async function* stepsInBatches(
  wanted: WantedWork,
  ports: SurveyPorts,
  survey: Survey,
  halt: Halt,
): AsyncGenerator<readonly StoringStep[]> {
  const surveying = new Surveying(wanted, ports, survey);
  const walked = ports.directory.walk(halt.soon, ports.journal.live.count);
  let turnEnds = performance.now() + TURN_MS;
  for await (const batch of pair(walked, latestSelectedInBatches(ports))) {
    const steps = batch.flatMap((found) => surveying.stepFor(found) ?? []);
    if (steps.length > 0) yield steps;
    if (performance.now() < turnEnds) continue;
    await new Promise((resolve) => setImmediate(resolve));
    throwIfInterrupted(halt.soon);
    turnEnds = performance.now() + TURN_MS;
  }
}

/** Counts pair by pair, and tells once of each reason why archives are kept. */
class Surveying {
  readonly #wanted: WantedWork;
  readonly #ports: SurveyPorts;
  readonly #survey: Survey;
  #toldBelow: RelPath | null = null;
  #toldUnknown = false;

  constructor(wanted: WantedWork, ports: SurveyPorts, survey: Survey) {
    this.#wanted = wanted;
    this.#ports = ports;
    this.#survey = survey;
  }

  stepFor(found: Pair): StoringStep | null {
    const step = neededStep(found, this.#wanted, this.#ports);
    count(found, step, this.#wanted, this.#survey, this.#ports.report);
    if (this.#wanted.deleteRemoved) this.#tellOfKept(found);
    return step;
  }

  #tellOfKept(found: Pair): void {
    if (found.side === 'unknown' && found.below !== this.#toldBelow) {
      this.#toldBelow = found.below;
      tellKept(found.below, this.#ports.report);
    }
    if (!this.#toldUnknown && isOfUnknownFile(found)) {
      this.#toldUnknown = true;
      tellUnknownKept(this.#ports.report);
    }
  }
}

/** None where it is known from an earlier run that the hashes to be compared are the same. */
function neededStep(found: Pair, wanted: WantedWork, { compared }: SurveyPorts): StoringStep | null {
  const step = storingStep(found, wanted);
  return step === null || isKnownSame(step, wanted, compared) ? null : step;
}

function tellKept(below: RelPath, report: Report): void {
  report({
    event: 'notice',
    topic: 'archives-kept',
    message: `archives below ${printable(below)} are kept: it cannot be told whether their files are gone`,
    hint: 'is something to be mounted there? If they are really gone, remove the empty directory or the link',
  });
}

function tellUnknownKept(report: Report): void {
  report({
    event: 'notice',
    topic: 'archives-kept',
    message:
      'archives that go by their archive ids are kept: nobody knows whether they were ever files of this directory',
    hint: 'mtglacier rm or purge-vault deletes them; download-inventory --decode-names may find their names',
  });
}

function count(found: Pair, step: StoringStep | null, wanted: WantedWork, survey: Survey, report: Report): void {
  if (found.side === 'aside') return aside(found, survey, report);
  if (found.side !== 'here') survey.archives++;
  switch (found.side) {
    case 'there':
      if (isOfUnknownFile(found)) {
        survey.unknown++;
        break;
      }
      survey.missing++;
      if (archiveToDelete(found, wanted) !== null && survey.gone.length < GONE_MAX) survey.gone.push(found.there);
      break;
    case 'here':
      survey.files++;
      if (!wanted.new) survey.notWanted++;
      break;
    case 'both':
      survey.files++;
      if (!wanted.replaceModified) survey.notWanted++;
      else if (step === null) survey.unchanged++;
      break;
    case 'unknown':
      survey.unknown++;
      break;
  }
}

function aside({ found }: Extract<Pair, { side: 'aside' }>, survey: Survey, report: Report): void {
  switch (found.kind) {
    case 'left-out':
      survey.leftOut++;
      report({ event: 'left-out', name: found.name, why: found.why });
      break;
    case 'refused':
      survey.refused++;
      reportUnforeseen(found.name, found.failure, report);
      break;
    case 'unseen':
      survey.unseen++;
      reportUnforeseen(found.path, found.failure, report);
      break;
  }
}
