// Which paths a run is about.

/** What the user's filters let through; the same for the directory and the journal. Pure: a path is always judged alike. */
export interface Selection {
  /** Whether the file of this path takes part. */
  includes(path: string): boolean;
  /** Whether anything below this directory can take part; where not, it is not even read. */
  enters(directory: string): boolean;
}

export const EVERYTHING: Selection = { includes: () => true, enters: () => true };
