// The refusals of the API: code, status and message as they go over the wire.

/** Thrown by any operation; becomes the body `{code, message, type}`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  get body(): { code: string; message: string; type: 'Client' | 'Server' } {
    return { code: this.code, message: this.message, type: this.status >= 500 ? 'Server' : 'Client' };
  }
}

export function missingParameter(what: string): ApiError {
  return new ApiError(400, 'MissingParameterValueException', `Required parameter missing: ${what}`);
}

export function invalidParameter(message: string): ApiError {
  return new ApiError(400, 'InvalidParameterValueException', message);
}

export function notFound(message: string): ApiError {
  return new ApiError(404, 'ResourceNotFoundException', message);
}

export function invalidSignature(message: string): ApiError {
  return new ApiError(403, 'InvalidSignatureException', message);
}

export function accessDenied(message: string): ApiError {
  return new ApiError(403, 'AccessDeniedException', message);
}

export function limitExceeded(message: string): ApiError {
  return new ApiError(400, 'LimitExceededException', message);
}

/** Source: Glacier developer guide, "Data Retrieval Policies". */
export function policyEnforced(): ApiError {
  return new ApiError(400, 'PolicyEnforcedException', 'InitiateJob request denied by current data retrieval policy.');
}

export function insufficientCapacity(): ApiError {
  const message = 'There is insufficient capacity to process this expedited request.';
  return new ApiError(503, 'InsufficientCapacityException', message);
}

export function malformedBody(message: string): ApiError {
  return new ApiError(400, 'SerializationException', message);
}

export function requestTimedOut(): ApiError {
  return new ApiError(408, 'RequestTimeoutException', 'Request timed out.');
}

/** The disk did not take what it was given; the client may try again. */
export function serviceUnavailable(message: string): ApiError {
  return new ApiError(500, 'ServiceUnavailableException', message);
}
