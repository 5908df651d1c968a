// Counts how far a run has come, from its events.

import type { RunEvent } from '../../model/events.js';

interface Count {
  readonly done: number;
  /** So much is known to lie ahead or to be done; grows while the work is still being found. */
  readonly known: number;
}

export class Progress {
  readonly #files = { done: 0, known: 0 };
  readonly #bytes = { done: 0, known: 0 };
  #requested = 0;
  #isInWaves = false;

  /** Of a run that waits for what it asks for, a file is done when it is here. */
  get files(): Count {
    const { done, known } = this.#files;
    return { done: this.#isInWaves ? done : done + this.#requested, known };
  }

  get bytes(): Count {
    return this.#bytes;
  }

  tell(event: RunEvent): void {
    if (event.event === 'ahead') {
      this.#files.known += event.files;
      this.#bytes.known += event.bytes;
    } else if (event.event === 'moved') this.#bytes.done += event.bytes;
    else if (event.event === 'requested') this.#requested++;
    else if (event.event === 'wave') this.#isInWaves = true;
    else if (endsFile(event)) this.#files.done++;
  }
}

/** Whether a file that was counted ahead has come to its end. */
function endsFile(event: RunEvent): boolean {
  switch (event.event) {
    case 'stored':
    case 'restored':
    case 'range-got':
    case 'abandoned':
    case 'checked':
    case 'failed':
      return true;
    case 'compared':
      return event.same;
    case 'deleted':
      return event.why !== 'superseded';
    case 'planned':
    case 'requested':
    case 'waiting':
    case 'verified':
    case 'adopted':
    case 'forgotten':
    case 'set-aside':
    case 'left-out':
    case 'notice':
    case 'wave':
    case 'sleeping':
    case 'retrying':
    case 'bandwidth':
    case 'ahead':
    case 'moved':
    case 'upload-begun':
    case 'part-sent':
    case 'segment-fetched':
      return false;
  }
}
