// What a sync tells of the work ahead, and when it tells it.

import { describe, expect, it } from 'vitest';
import { foreseenSteps } from '../../src/flows/storing/foresight.js';
import { emptySurvey } from '../../src/flows/storing/survey.js';
import type { SyncPorts } from '../../src/flows/storing/sync-tally.js';
import type { RunEvent } from '../../src/model/events.js';
import type { Found } from '../../src/model/found.js';
import { RelPath } from '../../src/model/rel-path.js';
import { EVERYTHING } from '../../src/model/selection.js';
import { file } from '../plan/archives.js';
import { request } from './syncing.js';

const never = new AbortController().signal;
const halt = { soon: never, now: never };

/** A directory of so many new files of a byte each, walked without a disk; and what was told and walked. */
function directoryOf(files: number) {
  const events: RunEvent[] = [];
  const walks = { begun: 0, open: 0 };
  async function* walk(): AsyncGenerator<readonly Found[]> {
    walks.begun++;
    walks.open++;
    try {
      for (let from = 0; from < files; from += 1000) {
        yield Array.from({ length: Math.min(1000, files - from) }, (_, index): Found => {
          const path = RelPath.parse(String(from + index).padStart(8, '0'));
          return { kind: 'file', file: { ...file(path), size: 1 } };
        });
        await new Promise((resolve) => void setImmediate(resolve));
      }
    } finally {
      walks.open--;
    }
  }
  const live = { count: 0, async *latestInBatches() {} };
  const report = (event: RunEvent): void => void events.push(event);
  const ports = { directory: { walk }, journal: { live }, selection: EVERYTHING, report } as unknown as SyncPorts;
  return { ports, events, walks };
}

function told(events: readonly RunEvent[]): { files: number; bytes: number } {
  const ahead = { files: 0, bytes: 0 };
  for (const event of events) {
    if (event.event !== 'ahead') continue;
    ahead.files += event.files;
    ahead.bytes += event.bytes;
  }
  return ahead;
}

/** Takes steps, each in so many milliseconds, with time for others, and says how much lay ahead when each was taken. */
async function taken(
  files: number,
  asked: Parameters<typeof request>[0],
  { most = Number.POSITIVE_INFINITY, stepMs = 1 } = {},
) {
  const { ports, events, walks } = directoryOf(files);
  const known: number[] = [];
  let nowMs = 0;
  for await (const _ of foreseenSteps(request(asked), ports, emptySurvey(), halt, () => nowMs)) {
    nowMs += stepMs;
    known.push(told(events.splice(0)).files);
    if (known.length >= most) break;
    if (known.length % 100 === 0) await new Promise((resolve) => void setImmediate(resolve));
  }
  known.push(told(events).files);
  return { known, walks, steps: known.length - 1, total: known.reduce((sum, files) => sum + files, 0) };
}

describe('foreseeing', () => {
  it.each([0, 1, 2500, 9999])('tells each of %i steps once, and walks once', async (files) => {
    const { total, steps, walks } = await taken(files, { foresee: true });
    expect({ total, steps, walks }).toEqual({ total: files, steps: files, walks: { begun: 1, open: 0 } });
  });

  it.each([15_000, 24_321])('counts %i steps by a second walk, each once all the same', async (files) => {
    const { total, steps, walks } = await taken(files, { foresee: true });
    expect({ total, steps, walks }).toEqual({ total: files, steps: files, walks: { begun: 2, open: 0 } });
  });

  it('walks once where all is done soon', async () => {
    const { total, steps, walks } = await taken(20_000, { foresee: true }, { stepMs: 0.05 });
    expect({ total, steps, walks }).toEqual({ total: 20_000, steps: 20_000, walks: { begun: 1, open: 0 } });
  });

  it('tells of no step later than it is taken', async () => {
    const { known } = await taken(3000, { foresee: true });
    let ahead = 0;
    for (const [index, files] of known.slice(0, -1).entries()) {
      ahead += files;
      expect(ahead).toBeGreaterThan(index);
    }
  });

  it('goes no further than a limit, and tells of no more', async () => {
    const { total, walks } = await taken(5000, { foresee: true, maxFiles: 7 }, { most: 7 });
    expect(total).toBeLessThanOrEqual(7);
    expect(walks.open).toBe(0);
  });

  it('tells and walks nothing more where nobody wants to know', async () => {
    const { total, steps, walks } = await taken(12_000, { foresee: false });
    expect({ total, steps, walks }).toEqual({ total: 0, steps: 12_000, walks: { begun: 1, open: 0 } });
  });

  it.each([50, 20_000])('leaves no walk open when the work ends early, of %i steps', async (files) => {
    const { steps, walks } = await taken(files, { foresee: true }, { most: 10 });
    expect(steps).toBe(10);
    expect(walks.open).toBe(0);
  });
});
