// What is told and counted of every request: never a secret, never a signature.

/** One request, as the log has it: a JSON object on a line. */
export interface RequestSeen {
  /** When it was answered: real time, ISO 8601. */
  readonly time: string;
  readonly requestId: string;
  readonly method: string;
  /** As it came, without its query. */
  readonly path: string;
  /** As Amazon names it; null when the request was refused before it was known. */
  readonly operation: string | null;
  readonly vault: string | null;
  readonly account: string | null;
  /** As claimed; null when none was. */
  readonly accessKeyId: string | null;
  /** 0 when none was sent. */
  readonly status: number;
  /** Code of the error, if it was one. */
  readonly error: string | null;
  /** The fault that was ordered, if one struck. */
  readonly fault: string | null;
  /** Whether the answer went out whole. */
  readonly complete: boolean;
  /** Bytes of the request's body that were read. */
  readonly bytesIn: number;
  /** Bytes that were sent, with their head. */
  readonly bytesOut: number;
  readonly ms: number;
}

/** By operation, then by status; requests whose operation never was known are under `-`. */
export type RequestCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

const RECENT_MAX = 100;

/** Counts by operation and status, and the last hundred requests themselves. */
export class RequestLog {
  readonly #write: ((line: string) => void) | null;
  readonly #counts = new Map<string, Map<number, number>>();
  #recent: RequestSeen[] = [];

  /** @param write told each line; null where nobody wants to know */
  constructor(write: ((line: string) => void) | null) {
    this.#write = write;
  }

  add(seen: RequestSeen): void {
    this.#write?.(JSON.stringify(seen));
    const counts = this.#counts.get(seen.operation ?? '-') ?? new Map<number, number>();
    counts.set(seen.status, (counts.get(seen.status) ?? 0) + 1);
    this.#counts.set(seen.operation ?? '-', counts);
    this.#recent = [...this.#recent.slice(1 - RECENT_MAX), seen];
  }

  /** What became of a message to a topic: a line of its own. */
  addNotice(notice: string): void {
    this.#write?.(JSON.stringify({ time: new Date().toISOString(), notice }));
  }

  /** Something that should not have happened: a line of its own. */
  addDefect(cause: unknown): void {
    const defect = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    this.#write?.(JSON.stringify({ time: new Date().toISOString(), defect }));
  }

  get counts(): RequestCounts {
    const entries = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([operation, counts]) => [operation, Object.fromEntries(counts)]));
  }

  /** Oldest first. */
  get recent(): readonly RequestSeen[] {
    return this.#recent;
  }

  clear(): void {
    this.#counts.clear();
    this.#recent = [];
  }
}
