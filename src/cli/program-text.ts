// What is said of the program as a whole, in its help, its man pages and its docs.

export const PROGRAM_ABOUT =
  'Keeps directories in Amazon Glacier, provably: a journal says what the vault holds, and every file is proven by its ' +
  'hash.';

/** What can stand in a command's place and is none. */
export const OTHER_WORDS = [
  { name: 'help', positional: '[COMMAND]', summary: 'explain the program, or a command' },
  { name: 'version', positional: '', summary: 'print the version, and what runs beneath it' },
] as const;

/** True of every option of every command, so said once. */
export const OPTIONS_ELSEWHERE =
  'Options can also stand in the file of --config, as in journal = photos.journal, and in the environment, as in ' +
  'MTGLACIER_JOURNAL=photos.journal.';

/** What the values of --filter, --include and --exclude mean. */
export const FILTER_RULES =
  'A filter rule is + or - and a pattern, for what it lets in or leaves out. The first rule that matches decides; what ' +
  "none matches is let in, so '+*.jpg -' is needed for all JPEGs and nothing else. * and ? stand for anything but " +
  'slashes, ** for slashes too; an empty pattern matches all, and ! before a pattern turns it round. A pattern that ends ' +
  'in / is a directory and all below it. One with a slash elsewhere, as in 2024/*.jpg, is matched from the top of the ' +
  'directory, **/*.jpg and patterns without a slash at any depth.';

/** How options are given, a sentence or two each. */
export const OPTION_FORMS = [
  'Options can stand anywhere on the command line, with one dash or two, their values after = or a blank. They can be ' +
    'shortened as long as they are unambiguous: --conc 8. After -- nothing is an option.',
  'In the environment an option is MTGLACIER_ and its name: MTGLACIER_CONFIG, MTGLACIER_MAX_NUMBER_OF_FILES. In the ' +
    'file of --config it is a line of name = value.',
  'The command line comes first, then the environment, then the file, then the default. ' +
    'mtglacier config show --origin tells what holds, and why.',
] as const;

/** What can be tried by anybody, line by line. */
export const FIRST_STEPS = [
  'mtglacier local-vault --data ./demo',
  'mtglacier create-vault photos --config demo/glacier.cfg',
  'mtglacier sync --config demo/glacier.cfg --dir ~/photos --vault photos \\\n    --journal photos.journal',
] as const;
