// Tells words that ask for the version and nothing else: they are understood without the tables of commands and options.

const VERSION = /^(?:version|(?:--|[-+])(?:version|V))$/;
const JSON_ASKED = /^(?:--|[-+])json$/;

/** Null for all other words, though they may ask for the version too. */
export function readVersionWords(argv: readonly string[]): { readonly asJson: boolean } | null {
  const others = argv.filter((word) => !VERSION.test(word));
  const isAsked = others.length < argv.length && others.every((word) => JSON_ASKED.test(word));
  return isAsked ? { asJson: others.length > 0 } : null;
}
