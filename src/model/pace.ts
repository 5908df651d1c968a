// How fast bytes may move: whoever moves them asks first.

export interface Pace {
  /** Bytes that are best asked for at once: with more they go by leaps. May change from one time to the next. */
  readonly slice: number;
  /** Comes back when so many bytes may go; at once, without a promise, when they may go now. @throws Failure INTERRUPTED */
  take(bytes: number, signal: AbortSignal): Promise<void> | void;
}

/** As fast as they can, and yet not all at once: TLS encrypts a slice in one go, and may not keep all else waiting for long. */
export const UNPACED: Pace = { slice: 1024 * 1024, take() {} };
