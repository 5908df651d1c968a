// Patterns of policy documents: `*` stands for any text, `?` for any one character.

/**
 * Takes text times pattern steps at most, whatever the pattern.
 * Source: IAM user guide, "Action" and "Resource": actions are compared without regard to case, resources with.
 */
export function matchesPattern(text: string, pattern: string, options: { readonly ignoreCase: boolean }): boolean {
  return options.ignoreCase ? matches(text.toLowerCase(), pattern.toLowerCase()) : matches(text, pattern);
}

/** The last star takes as little as it can; when what follows it does not fit, it takes one character more. */
function matches(text: string, pattern: string): boolean {
  let [at, i] = [0, 0];
  let star: { readonly next: number; taken: number } | null = null;
  while (i < text.length) {
    if (pattern[at] === '*') {
      at += 1;
      star = { next: at, taken: i };
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[i])) {
      at += 1;
      i += 1;
    } else if (star === null) {
      return false;
    } else {
      star.taken += 1;
      at = star.next;
      i = star.taken;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
