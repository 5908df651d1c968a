// Refusals of SNS and SQS: one error that every protocol can write, and what the shared refusals are called there.

import { ApiError } from '../protocol/errors.js';

/** Thrown by any operation on topics, subscriptions and queues. */
export class NoticeError extends Error {
  override readonly name = 'NoticeError';
  readonly status: number;
  /** Name of the shape in the JSON protocol. */
  readonly code: string;
  /** What the query protocol has always called it. */
  readonly queryCode: string;

  constructor(status: number, code: string, message: string, queryCode = code) {
    super(message);
    this.status = status;
    this.code = code;
    this.queryCode = queryCode;
  }
}

export function invalidSns(message: string): NoticeError {
  return new NoticeError(400, 'InvalidParameter', `Invalid parameter: ${message}`);
}

export function snsNotFound(what: string): NoticeError {
  return new NoticeError(404, 'NotFound', `${what} does not exist`);
}

export function notAuthorized(message: string): NoticeError {
  return new NoticeError(403, 'AuthorizationError', message);
}

export function invalidSqs(message: string): NoticeError {
  return new NoticeError(400, 'InvalidParameterValueException', message, 'InvalidParameterValue');
}

export function noSuchQueue(): NoticeError {
  return new NoticeError(
    400,
    'QueueDoesNotExist',
    'The specified queue does not exist.',
    'AWS.SimpleQueueService.NonExistentQueue',
  );
}

/** Refused for lack of memory, where AWS has no such limit: what is held would be lost if the server had to end. */
export function overLimit(what: string): NoticeError {
  return new NoticeError(403, 'OverLimit', `This local vault holds no more than ${what}.`);
}

export function missingField(name: string): NoticeError {
  const message = `The request must contain the parameter ${name}.`;
  return new NoticeError(400, 'MissingRequiredParameterException', message, 'MissingParameter');
}

export function unknownAction(action: string): NoticeError {
  const message = `The action ${action} is not one of those that a local vault has.`;
  return new NoticeError(400, 'InvalidAction', message);
}

/** What AWS has and job notices do not need is refused, never passed over in silence. */
export function notEmulated(what: string): NoticeError {
  const message = `${what} is not emulated by a local vault.`;
  return new NoticeError(400, 'UnsupportedOperation', message, 'AWS.SimpleQueueService.UnsupportedOperation');
}

/** Status and query code of the refusals that are the same for every service. Source: SNS API reference, "Common Errors". */
const SHARED: Readonly<Record<string, readonly [status: number, queryCode: string]>> = {
  UnrecognizedClientException: [403, 'InvalidClientTokenId'],
  InvalidSignatureException: [403, 'SignatureDoesNotMatch'],
  MissingAuthenticationTokenException: [403, 'MissingAuthenticationToken'],
  ExpiredTokenException: [403, 'ExpiredToken'],
  AccessDeniedException: [403, 'AccessDenied'],
  ThrottlingException: [400, 'Throttling'],
  SerializationException: [400, 'MalformedInput'],
  ServiceUnavailableException: [500, 'InternalError'],
};

/** Any refusal as SNS or SQS says it; null for a defect of ours. */
export function asNoticeError(cause: unknown, service: 'sns' | 'sqs'): NoticeError | null {
  if (cause instanceof NoticeError) return cause;
  if (!(cause instanceof ApiError)) return null;
  if (service === 'sqs' && cause.code === 'ThrottlingException') {
    return new NoticeError(403, 'RequestThrottled', cause.message);
  }
  const shared = Object.hasOwn(SHARED, cause.code) ? SHARED[cause.code] : undefined;
  const [status, queryCode] = shared ?? [cause.status, cause.code];
  return new NoticeError(status, cause.code, cause.message, queryCode);
}
