// Keeps the JSON lines of the newest runs in files beside the journal. A file that cannot be written fails no run.

import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { realPathOf } from '../../journal/real-path.js';
import { openJsonReport } from './json-report.js';
import type { Reporter } from './reporter.js';
import { withoutSecrets } from './safe-text.js';

const RUNS_KEPT = 30;
const RUN_FILE = /^\d{8}T\d{6}Z-[a-z-]+(?:-\d+)?\.ndjson$/;
const BUFFER_LENGTH = 16 * 1024;
const BUFFER_MS = 1000;

interface RunFileParts {
  readonly journal: string;
  readonly command: string;
  readonly secrets: readonly string[];
  readonly nowMs: () => number;
}

/** A new file `<journal>.runs/<UTC time>-<command>.ndjson`, links followed; the oldest beyond thirty are deleted. */
export function openRunFile(parts: RunFileParts): Reporter {
  const file = new BufferedFile(createRunFile(parts), parts.nowMs);
  const hiding = withoutSecrets(parts.secrets);
  const write = (line: string): void => file.write(hiding(line));
  const report = openJsonReport({ write, nowMs: parts.nowMs, isQuiet: false });
  return {
    begin: (opening) => report.begin(opening),
    tell: (event) => report.tell(event),
    answer: (answer) => report.answer(answer),
    close(closing) {
      report.close(closing);
      file.flush();
    },
    fail(failure, exitCode) {
      report.fail(failure, exitCode);
      file.flush();
    },
    [Symbol.dispose]() {
      report[Symbol.dispose]();
      file[Symbol.dispose]();
    },
  };
}

/** Null where it cannot be made. */
function createRunFile({ journal, command, nowMs }: RunFileParts): number | null {
  const directory = `${realPathOf(journal)}.runs`;
  const start = new Date(nowMs()).toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '');
  try {
    mkdirSync(directory, { recursive: true });
    const file = createNew(join(directory, `${start}-${command}`));
    deleteOldest(directory);
    return file;
  } catch {
    return null;
  }
}

/** Two runs may begin within one second. */
function createNew(stem: string): number {
  for (let count = 1; ; count++) {
    try {
      return openSync(`${stem}${count === 1 ? '' : `-${count}`}.ndjson`, 'ax', 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function deleteOldest(directory: string): void {
  const runs = readdirSync(directory).filter((name) => RUN_FILE.test(name));
  for (const name of runs.sort().slice(0, -RUNS_KEPT)) rmSync(join(directory, name), { force: true });
}

/** Holds lines back for a second at most, as long as lines keep coming. */
class BufferedFile implements Disposable {
  #file: number | null;
  readonly #nowMs: () => number;
  #held = '';
  #flushedMs: number;

  constructor(file: number | null, nowMs: () => number) {
    this.#file = file;
    this.#nowMs = nowMs;
    this.#flushedMs = nowMs();
  }

  write(text: string): void {
    if (this.#file === null) return;
    this.#held += text;
    if (this.#held.length >= BUFFER_LENGTH || this.#nowMs() - this.#flushedMs >= BUFFER_MS) this.flush();
  }

  flush(): void {
    this.#flushedMs = this.#nowMs();
    const bytes = Buffer.from(this.#held);
    this.#held = '';
    try {
      for (let done = 0; this.#file !== null && done < bytes.length; ) done += writeSync(this.#file, bytes, done);
    } catch {
      this.#giveUp();
    }
  }

  [Symbol.dispose](): void {
    this.flush();
    this.#giveUp();
  }

  #giveUp(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}
