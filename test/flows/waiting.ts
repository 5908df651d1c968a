// A run that waits for retrievals in a world of tests, where time passes when nothing else is to be done.

import { once } from 'node:events';
import { Budget } from '../../src/flows/budget.js';
import type { FileLanes } from '../../src/flows/file-lanes.js';
import { bringHome, emptyHomeTally, type HomeTally } from '../../src/flows/retrieving/bring-home.js';
import type { Completions } from '../../src/flows/retrieving/completions.js';
import { acceptPlan } from '../../src/flows/retrieving/plan-book.js';
import { runOfPlan } from '../../src/flows/retrieving/plan-run.js';
import type { Journal } from '../../src/journal/journal.js';
import { readRestorePlans } from '../../src/journal/restore-plans.js';
import type { Clock, Instant } from '../../src/model/clock.js';
import { Failure } from '../../src/model/failure.js';
import type { Vault } from '../../src/vault/port.js';
import { type Asked, restoreRequest } from './restoring.js';
import { type Meddle, MIB, type World } from './world.js';

/** Lets the time pass until the moment that is waited for, unless something is being fetched: nothing tells. */
export function passing(world: World, onWait: (until: Instant) => void = () => undefined): Completions {
  return {
    async next(until, signal) {
      if (signal.aborted || (await isFetching(world, signal))) return [];
      onWait(until);
      world.clock.seconds = Math.max(world.clock.seconds, until);
      return [];
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** A run says that it sleeps when nothing is being fetched; what is fetched rings when it is done. */
export async function isFetching(world: World, signal: AbortSignal): Promise<boolean> {
  if (world.events.at(-1)?.event === 'sleeping') return false;
  await once(signal, 'abort');
  return true;
}

export interface Waiting extends Asked {
  readonly completions?: (world: World) => Completions;
  readonly vault?: (vault: Vault) => Vault;
  readonly meddle?: Meddle;
  readonly segmentSize?: number;
  readonly pollSeconds?: number;
  readonly files?: FileLanes;
  /** That of the vault, where nothing is said. */
  readonly clock?: Clock;
  /** Whether another process has the journal. */
  readonly isLocked?: () => boolean;
  /** Ends the run before all is here. */
  readonly timeUp?: AbortSignal;
  /** Told what the run has come to, also when it fails. */
  readonly tally?: HomeTally;
}

export async function waitFor(world: World, waiting: Waiting = {}): Promise<HomeTally> {
  const {
    completions = passing,
    vault: meddled = (vault) => vault,
    segmentSize = MIB,
    pollSeconds = 900,
    timeUp = null,
  } = waiting;
  const { tally = emptyHomeTally() } = waiting;
  const { wanted, costOf, policy } = restoreRequest(world.root, { acceptance: 'go on', ...waiting });
  const never = new AbortController().signal;
  const halt = { soon: never, now: never };
  // The journal is closed again: it is only ever lent.
  const ports = await world.run(async (ports) => {
    await acceptPlan(ports.journal.file, wanted, world.clock.now());
    return ports;
  }, waiting.meddle);
  const [plan] = await readRestorePlans(world.journalFile);
  const request = {
    segmentSize,
    width: 2,
    files: waiting.files ?? { small: 2, large: 2 },
    pollSeconds,
    run: runOfPlan(plan!, { costOf, policy, report: ports.report }),
    budget: new Budget(null, { transfer: null, timeUp, onReached: () => undefined }),
  };
  const whileWriting = async <T>(work: (journal: Journal) => Promise<T>): Promise<T> => {
    if (waiting.isLocked?.()) throw new Failure('JOURNAL_LOCKED', 'the journal is locked');
    return world.run(({ journal }) => work(journal), waiting.meddle);
  };
  const { clock = world.clock } = waiting;
  const lent = { ...ports, clock, vault: meddled(ports.vault), whileWriting, completions: completions(world) };
  await bringHome(request, lent, tally, halt);
  return tally;
}

/** Counts what is asked for, by archive. */
export function counting(asked: string[]): (vault: Vault) => Vault {
  return (vault) => ({
    ...bound(vault),
    async requestRetrieval(id, terms, signal) {
      const requested = await vault.requestRetrieval(id, terms, signal);
      asked.push(id);
      return requested;
    },
  });
}

export function bound(vault: Vault): Vault {
  return new Proxy(vault, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    ownKeys: (target) => {
      const names = new Set<string | symbol>();
      for (
        let one: object | null = target;
        one !== null && one !== Object.prototype;
        one = Object.getPrototypeOf(one)
      ) {
        for (const name of Reflect.ownKeys(one)) names.add(name);
      }
      return [...names];
    },
    getOwnPropertyDescriptor: (target, name) => ({
      configurable: true,
      enumerable: name !== 'constructor',
      value: (Reflect.get(target, name, target) as (...given: unknown[]) => unknown)?.bind?.(target),
    }),
  });
}
