// A line for programs: one JSON object, with what it is and when it was first.

export type JsonFields = { readonly event: string } & Readonly<Record<string, unknown>>;

/** @param nowMs milliseconds since 1970 */
export function jsonLine({ event, ...fields }: JsonFields, nowMs: number): string {
  return `${JSON.stringify({ event, time: new Date(nowMs).toISOString(), ...fields })}\n`;
}
