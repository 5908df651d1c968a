// UTF-7, in which some programs write names that are not ASCII.

/** A run of base64 between `+` and `-`, or a `+-`, which stands for the plus sign itself. */
const SHIFTED = /\+([A-Za-z0-9+/]*)-?/g;

/**
 * The text that a UTF-7 text stands for. A run that is not whole UTF-16 units stays as it is: it was never UTF-7.
 * Source: RFC 2152.
 */
export function decodeUtf7(text: string): string {
  return text.replace(SHIFTED, (run: string, base64: string) => {
    if (base64 === '') return '+';
    const bytes = Buffer.from(base64, 'base64');
    return bytes.length % 2 === 0 ? bytes.swap16().toString('utf16le') : run;
  });
}
