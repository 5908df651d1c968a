// An answer that refuses, as an error of the form that `server-errors` reads.

/** What JSON of the service says of an error. Source: Glacier developer guide, "Error Responses". */
interface Told {
  readonly code?: unknown;
  readonly __type?: unknown;
  readonly message?: unknown;
  readonly Message?: unknown;
}

/** Clocks that differ by more make signatures invalid. */
const SKEW_MS = 5 * 60_000;

export class AnswerError extends Error {
  /** The service's own name for the error; `Unknown` when the answer is not the service's. */
  override readonly name: string;
  readonly $metadata: { readonly httpStatusCode: number; readonly clockSkewCorrected: boolean };

  constructor(status: number, headers: ReadonlyMap<string, string>, text: string) {
    const told: Told | null = objectIn(text);
    const message = told?.message ?? told?.Message;
    super(typeof message === 'string' ? message : '');
    const type = headers.get('x-amzn-errortype') ?? told?.code ?? told?.__type;
    this.name = typeof type === 'string' ? bare(type) : 'Unknown';
    const at = Date.parse(headers.get('date') ?? '');
    this.$metadata = { httpStatusCode: status, clockSkewCorrected: Math.abs(at - Date.now()) >= SKEW_MS };
  }
}

/** null when the text is no JSON, or of something else. */
export function objectIn(text: string): object | null {
  try {
    const told: unknown = JSON.parse(text);
    return typeof told === 'object' ? told : null;
  } catch {
    return null;
  }
}

/** `com.amazonaws.glacier#ResourceNotFoundException:http://…` is a `ResourceNotFoundException`. */
function bare(type: string): string {
  return type.split(/[:,]/, 1)[0]?.split('#').at(-1)?.trim() ?? '';
}
