// Makes the n-th effect of a run fail: once or from then on, before it happens or after, when only the answer is lost.

import { Failure, type FailureCode } from '../../src/model/failure.js';
import type { Meddle } from './world.js';

/** The calls that change something outside the program, and what each fails with. */
const EFFECTS: Record<Parameters<Meddle>[0], { methods: readonly string[]; code: FailureCode }> = {
  vault: {
    methods: [
      'uploadWhole',
      'beginUpload',
      'uploadPart',
      'completeUpload',
      'abandonUpload',
      'deleteArchive',
      'requestRetrieval',
      'read',
    ],
    code: 'VAULT_UNAVAILABLE',
  },
  journal: { methods: ['append'], code: 'JOURNAL_UNWRITABLE' },
  intents: { methods: ['begin', 'advance', 'suspect', 'settle', 'dismiss'], code: 'JOURNAL_UNWRITABLE' },
  landing: { methods: ['write', 'finish'], code: 'DISK_FULL' },
};

export interface Fault {
  /** Counted from 1; 0 fails nothing. */
  readonly nth: number;
  readonly lasting: 'once' | 'from then on';
  readonly when: 'before' | 'after';
}

/** Counts effects and lets those of the fault fail. */
export class Faults {
  readonly log: string[] = [];
  readonly #fault: Fault;

  constructor(fault: Fault = { nth: 0, lasting: 'once', when: 'before' }) {
    this.#fault = fault;
  }

  readonly meddle: Meddle = (port, object) => {
    const { methods, code } = EFFECTS[port];
    return new Proxy(object, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (typeof name !== 'string' || !methods.includes(name)) return value.bind(target);
        return async (...given: unknown[]): Promise<unknown> => {
          const failure = new Failure(code, `${port}.${name} was made to fail`);
          const fails = this.#next(`${port}.${name}`);
          if (fails && this.#fault.when === 'before') throw failure;
          const answer: unknown = await Reflect.apply(value, target, given);
          if (fails) throw failure;
          return answer;
        };
      },
    });
  };

  #next(effect: string): boolean {
    const { nth, lasting } = this.#fault;
    const count = this.log.push(effect);
    return nth > 0 && (count === nth || (lasting === 'from then on' && count > nth));
  }
}

/** Puts a call of its own in the place of one method; it is given the real one and what that was called with. */
export function instead(
  port: Parameters<Meddle>[0],
  method: string,
  call: (real: (...given: unknown[]) => unknown, ...given: unknown[]) => unknown,
): Meddle {
  return (of, object) => {
    if (of !== port) return object;
    return new Proxy(object, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        const real = (...given: unknown[]): unknown => Reflect.apply(value, target, given);
        return name === method ? (...given: unknown[]) => call(real, ...given) : real;
      },
    });
  };
}

/** Every fault that a run of so many effects can meet. */
export function* everyFault(effects: number): Generator<Fault> {
  for (let nth = 1; nth <= effects; nth++) {
    for (const lasting of ['once', 'from then on'] as const) {
      for (const when of ['before', 'after'] as const) yield { nth, lasting, when };
    }
  }
}
