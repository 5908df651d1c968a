// Writes the XML of the query protocols; nothing here reads any.

/** An element: its name, and its text or its children. */
export type Xml = readonly [name: string, content: string | readonly Xml[]];

function writeXml([name, content]: Xml): string {
  const inner = typeof content === 'string' ? escape(content) : content.map(writeXml).join('');
  return `<${name}>${inner}</${name}>`;
}

/** One answer of a query protocol: `<ActionResponse><ActionResult>…`. */
export function writeResponse(
  action: string,
  namespace: string,
  result: readonly Xml[] | null,
  requestId: string,
): string {
  const inner = result === null ? '' : writeXml([`${action}Result`, result]);
  const metadata = writeXml(['ResponseMetadata', [['RequestId', requestId]]]);
  return `<?xml version="1.0"?>\n<${action}Response xmlns="${namespace}">${inner}${metadata}</${action}Response>\n`;
}

export function writeError(
  namespace: string,
  error: { status: number; code: string; message: string },
  requestId: string,
): string {
  const type = error.status >= 500 ? 'Receiver' : 'Sender';
  const inner: Xml[] = [
    ['Type', type],
    ['Code', error.code],
    ['Message', error.message],
  ];
  const id = writeXml(['RequestId', requestId]);
  return `<?xml version="1.0"?>\n<ErrorResponse xmlns="${namespace}">${writeXml(['Error', inner])}${id}</ErrorResponse>\n`;
}

/** A map as SNS writes it. */
export function entries(map: Iterable<readonly [string, string]>): Xml[] {
  return [...map].map(([key, value]) => [
    'entry',
    [
      ['key', key],
      ['value', value],
    ],
  ]);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

function escape(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);
}
