// What was asked for together, as people follow it: asked for, ready, until when, here.

import type { Instant } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import type { Expected } from '../../vault/retrieving-port.js';
import { spanOf } from './expected.js';
import type { Fate, Follower, Outstanding } from './under-way.js';

interface Wave {
  /** Whether it is complete: before that nothing is told of it. */
  isBegun: boolean;
  files: number;
  bytes: number;
  ready: number;
  here: number;
  hereBytes: number;
  lost: number;
  expected: Expected | null;
  readableUntil: Instant | null;
}

/** Memory: a few numbers a wave. Wave 0 is what was under way before. */
export class Waves implements Follower {
  readonly #report: Report;
  readonly #waves = new Map<number, Wave>();
  /** So many were gone before they were fetched. */
  gone = 0;

  constructor(report: Report) {
    this.#report = report;
  }

  /** The number of the wave that is asked for next. */
  get next(): number {
    return Math.max(0, ...this.#waves.keys()) + 1;
  }

  /** All of a wave has been asked for. */
  begun(number: number): void {
    const wave = this.#waves.get(number);
    if (wave === undefined) return;
    wave.isBegun = true;
    this.#tell(number, 'requested');
  }

  added({ wave: number, archive, retrieval }: Outstanding): void {
    const wave = this.#of(number);
    wave.files++;
    wave.bytes += archive.size;
    if (retrieval.state === 'running') wave.expected = spanOf(wave.expected, retrieval.expected);
  }

  becameReady({ wave: number, archive, retrieval }: Outstanding): void {
    const wave = this.#of(number);
    const until = retrieval.state === 'ready' ? retrieval.readableUntil : null;
    if (until !== null && (wave.readableUntil === null || until < wave.readableUntil)) wave.readableUntil = until;
    wave.ready++;
    if (wave.ready === 1 || wave.ready + wave.lost === wave.files) this.#tell(number, 'ready');
    this.#report({ event: 'ahead', files: 1, bytes: archive.size });
  }

  left({ wave: number, archive }: Outstanding, fate: Fate): void {
    const wave = this.#of(number);
    if (fate === 'here') {
      wave.here++;
      wave.hereBytes += archive.size;
    } else wave.lost++;
    if (fate === 'gone') this.gone++;
    if (wave.here + wave.lost === wave.files) this.#tell(number, 'ended');
  }

  #tell(number: number, state: 'requested' | 'ready' | 'ended'): void {
    const { isBegun, ...wave } = this.#of(number);
    if (isBegun) this.#report({ event: 'wave', directory: null, wave: number, state, ...wave });
  }

  #of(number: number): Wave {
    const found = this.#waves.get(number);
    if (found !== undefined) return found;
    const wave = {
      isBegun: false,
      files: 0,
      bytes: 0,
      ready: 0,
      here: 0,
      hereBytes: 0,
      lost: 0,
      expected: null,
      readableUntil: null,
    };
    this.#waves.set(number, wave);
    return wave;
  }
}
