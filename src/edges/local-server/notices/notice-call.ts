// One request to SNS or SQS, as their operations see it.

export interface NoticeCall {
  /** Null for the two requests that need no signature: those that a letter's links make. */
  readonly accountId: string | null;
  /** Where the client reached the server, such as `http://127.0.0.1:8118`, for the URLs of queues. */
  readonly origin: string;
  /** Aborted when nobody listens to the answer any more. */
  readonly signal: AbortSignal;
}
