// What goes wrong on a connection, apart from what Node says of it.

export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: string;
  /** Whether the connection ended before the first byte of an answer had come. */
  readonly beforeAnswer: boolean;

  /** @param code as `network-errors` knows them */
  constructor(code: string, message: string, more: { beforeAnswer?: boolean; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.beforeAnswer = more.beforeAnswer ?? false;
  }
}
