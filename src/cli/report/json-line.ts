// A line for programs: one JSON object, with what it is and when it was first.

export type JsonFields = { readonly event: string; readonly time?: never } & Readonly<Record<string, unknown>>;

/** @param time RFC 3339, in UTC */
export function jsonLine(fields: JsonFields, time: string): string {
  const { event } = fields;
  const text = JSON.stringify(fields);
  // Nearly all say first what they are; to copy them so that the time comes second would cost as much as all the rest.
  const head = `{"event":"${event}",`;
  if (text.startsWith(head)) return `${head}"time":"${time}",${text.slice(head.length)}\n`;
  return `${JSON.stringify(Object.assign({ event, time }, fields))}\n`;
}
