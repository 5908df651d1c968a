// Threads that keep one pace together, as long as they are told, and how even it was: SECONDS, BYTES a second, THREADS.

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { built } from './built-program.js';

interface Pace {
  readonly slice: number;
  set(rate: number): void;
  take(bytes: number, signal: AbortSignal): Promise<void> | undefined;
}
interface SharedPaceFile {
  readonly SharedPace: new (memory: SharedArrayBuffer) => Pace;
  readonly paceMemory: () => SharedArrayBuffer;
}

/** What is measured in one go: the bytes of a second. The first is left out, and what begins in the last. */
const WINDOW_MS = 1000;
const STEP_MS = 50;

interface Plan {
  readonly memory: SharedArrayBuffer;
  /** Bytes of each step, of all lanes. */
  readonly steps: Float64Array<SharedArrayBuffer>;
  readonly endsAtMs: number;
  readonly startedAtMs: number;
}

/** What came of it. */
export interface Evenness {
  /** Of the rate, over all that was measured. */
  readonly mean: number;
  /** The same in the worst seconds. */
  readonly least: number;
  readonly most: number;
}

const { SharedPace, paceMemory } = await built<SharedPaceFile>('transfer/shared-pace.js');
const LANES = 4;

if (isMainThread) {
  const [seconds = 0, rate = 0, threads = 0] = process.argv.slice(2).map(Number);
  const memory = paceMemory();
  new SharedPace(memory).set(rate);
  const steps = Array.from({ length: threads }, () => new Float64Array(new SharedArrayBuffer(8 * seconds * 20)));
  const startedAtMs = nowMs() + 500;
  const lanes = steps.map((own) => {
    const plan: Plan = { memory, steps: own, startedAtMs, endsAtMs: startedAtMs + seconds * 1000 };
    const thread = new Worker(new URL(import.meta.url), { workerData: plan });
    return new Promise((resolve, reject) => thread.once('exit', resolve).once('error', reject));
  });
  await Promise.all(lanes);
  process.stdout.write(`${JSON.stringify(evenness(steps, rate))}\n`);
} else {
  const plan = workerData as Plan;
  const never = new AbortController().signal;
  await Promise.all(Array.from({ length: LANES }, () => lane(plan, never)));
  parentPort?.close();
}

async function lane({ memory, steps, startedAtMs, endsAtMs }: Plan, never: AbortSignal): Promise<void> {
  const pace = new SharedPace(memory);
  for (let turn = 1; nowMs() < endsAtMs; turn++) {
    const bytes = pace.slice;
    await pace.take(bytes, never);
    const step = Math.floor((nowMs() - startedAtMs) / STEP_MS);
    if (step >= 0 && step < steps.length) steps[step] = (steps[step] ?? 0) + bytes;
    // As a socket that has taken the slice.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The same in all threads. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function evenness(threads: readonly Float64Array[], rate: number): Evenness {
  const steps = Array.from(threads[0] ?? [], (_, at) => threads.reduce((sum, own) => sum + (own[at] ?? 0), 0));
  const width = WINDOW_MS / STEP_MS;
  const inWindow = (from: number): number => sumOf(steps.slice(from, from + width)) / ((rate * WINDOW_MS) / 1000);
  const windows = Array.from({ length: steps.length - 2 * width }, (_, at) => inWindow(at + width));
  const measured = steps.slice(width);
  const mean = sumOf(measured) / ((rate * measured.length * STEP_MS) / 1000);
  return { mean, least: Math.min(...windows), most: Math.max(...windows) };
}

function sumOf(all: readonly number[]): number {
  return all.reduce((sum, one) => sum + one, 0);
}
