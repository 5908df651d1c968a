// The one line that moves while a run works: files, bytes, rate, time left; while it waits, until when.

import type { Clock } from '../../model/clock.js';
import type { RunEvent } from '../../model/events.js';
import type { Heartbeat } from './heartbeat.js';
import type { Output } from './output.js';
import { Progress } from './progress.js';
import { bandwidthText, durationText, sizeText } from './quantities.js';
import { sleepingParts } from './wave-text.js';

const REDRAW_MS = 100;
/** The rate is that of the last ten seconds or so. */
const RATE_WINDOW_MS = 10_000;
const ERASE_LINE = '\r\u001b[2K';
/** What a file costs beside its bytes, in bytes that could be moved meanwhile: so small files and large ones foretell one another's time. */
const FILE_COST = 256 * 1024;

/** What shows that a wait is over. */
const WORK: ReadonlySet<RunEvent['event']> = new Set(['ahead', 'moved', 'requested', 'restored', 'failed']);

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
  /** Bytes, and what the files cost. */
  readonly work: number;
}

/** Drawn at the first beat, then at most ten times a second, and only where lines can be redrawn. */
export class StatusLine implements Disposable {
  readonly #output: Output;
  readonly #heartbeat: Heartbeat;
  readonly #clock: Clock;
  readonly #beating: Disposable | null;
  readonly #startedMs: number;
  #drawnMs: number;
  #isOver = false;
  #shown = '';
  readonly #progress = new Progress();
  /** The limit in force. */
  #limit: string | null = null;
  /** What is waited for; null while there is something to do. */
  #wait: Extract<RunEvent, { event: 'sleeping' }> | null = null;
  #isHeldBack = false;
  #samples: Sample[] = [];

  constructor(output: Output, heartbeat: Heartbeat, clock: Clock) {
    this.#output = output;
    this.#heartbeat = heartbeat;
    this.#clock = clock;
    this.#startedMs = heartbeat.nowMs();
    this.#drawnMs = this.#startedMs;
    this.#samples.push({ atMs: this.#startedMs, bytes: 0, work: 0 });
    this.#beating = output.isLive ? heartbeat.every(REDRAW_MS, () => this.#draw()) : null;
  }

  tell(event: RunEvent): void {
    if (this.#beating === null || this.#isOver) return;
    // That command writes to the terminal too, until the run goes on.
    if (event.event === 'notice' && event.topic === 'on-complete') this.#clear();
    this.#isHeldBack = event.event === 'notice' && event.topic === 'on-complete';
    if (this.#isHeldBack) return;
    this.#progress.tell(event);
    if (event.event === 'bandwidth') this.#limit = limitText(event);
    if (event.event === 'sleeping') this.#wait = event;
    else if (WORK.has(event.event)) this.#wait = null;
    // A thread that is busy gets no beats; its events draw instead.
    if (this.#heartbeat.nowMs() - this.#drawnMs >= REDRAW_MS) this.#draw();
  }

  /** Lets `write` put whole lines where the line stands, which comes back below them. */
  giveWay(write: () => void): void {
    const shown = this.#shown;
    this.#clear();
    write();
    if (shown === '') return;
    this.#output.write(shown);
    this.#shown = shown;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#beating?.[Symbol.dispose]();
    this.#clear();
  }

  #clear(): void {
    if (this.#shown === '') return;
    this.#output.write(ERASE_LINE);
    this.#shown = '';
  }

  #draw(): void {
    if (this.#isHeldBack) return;
    const nowMs = this.#heartbeat.nowMs();
    this.#drawnMs = nowMs;
    this.#sample(nowMs);
    const line = fitting(this.#parts(nowMs), this.#output.width() - 1);
    if (line === this.#shown) return;
    this.#output.write(`${ERASE_LINE}${line}`);
    this.#shown = line;
  }

  #sample(nowMs: number): void {
    const last = this.#samples.at(-1);
    if (last === undefined || nowMs - last.atMs >= 1000) {
      this.#samples.push({ atMs: nowMs, bytes: this.#progress.bytes.done, work: this.#work('done') });
    }
    while (this.#samples.length > 2 && nowMs - (this.#samples[1]?.atMs ?? nowMs) >= RATE_WINDOW_MS)
      this.#samples.shift();
  }

  /** Most important first. */
  #parts(nowMs: number): string[] {
    const { files, bytes } = this.#progress;
    const now = this.#clock.now();
    if (this.#wait !== null && now <= this.#wait.until)
      return [...sleepingParts(this.#wait, now), this.#elapsedText(nowMs)];
    const rate = this.#rateOf('bytes', bytes.done, nowMs);
    const pace = this.#rateOf('work', this.#work('done'), nowMs);
    const left = this.#work('known') - this.#work('done');
    return [
      ...filesPart(files.done, Math.max(files.known, files.done), bytes.known > 0),
      ...(bytes.known > bytes.done ? [`${sizeText(bytes.done)} of ${sizeText(bytes.known)}`] : []),
      ...(bytes.known <= bytes.done && bytes.done > 0 ? [sizeText(bytes.done)] : []),
      ...(rate > 0 ? [`${sizeText(rate)}/s`] : []),
      ...(this.#limit === null ? [] : [this.#limit]),
      pace > 0 && left > 0 ? `${durationText(wholeSeconds((left / pace) * 1000))} left` : this.#elapsedText(nowMs),
    ];
  }

  #elapsedText(nowMs: number): string {
    return durationText(wholeSeconds(nowMs - this.#startedMs));
  }

  #work(which: 'done' | 'known'): number {
    const { files, bytes } = this.#progress;
    return bytes[which] + files[which] * FILE_COST;
  }

  /** Growth a second; 0 until a second has been seen. */
  #rateOf(what: 'bytes' | 'work', present: number, nowMs: number): number {
    const [oldest] = this.#samples;
    const elapsedMs = oldest === undefined ? 0 : nowMs - oldest.atMs;
    return oldest === undefined || elapsedMs < 1000 ? 0 : ((present - oldest[what]) / elapsedMs) * 1000;
  }
}

function limitText(bandwidth: Extract<RunEvent, { event: 'bandwidth' }>): string | null {
  return bandwidth.up === null && bandwidth.down === null ? null : `(limit ${bandwidthText(bandwidth)})`;
}

/** Where only bytes are known of, as in an inventory, no file is waited for. */
function filesPart(done: number, known: number, onlyBytes: boolean): string[] {
  if (known > done) return [`${done}/${known} files`];
  return known === 0 && onlyBytes ? [] : [`${done}${known === 0 ? '' : `/${known}`} files`];
}

/** A line that moves shows no fractions. */
function wholeSeconds(durationMs: number): number {
  return Math.round(durationMs / 1000) * 1000;
}

function fitting(parts: readonly string[], width: number): string {
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : `${line}  ${part}`;
    if (longer.length > width) break;
    line = longer;
  }
  return line;
}
