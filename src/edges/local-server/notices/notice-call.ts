// One request to SNS or SQS, as their operations see it.

export interface NoticeCall {
  /** Null for the two requests that need no signature: those that a letter's links make. */
  readonly accountId: string | null;
  /** As the client named the server, for the URLs of queues. */
  readonly host: string;
  /** Aborted when nobody listens to the answer any more. */
  readonly signal: AbortSignal;
}
