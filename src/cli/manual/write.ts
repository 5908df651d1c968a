// Writes man pages and docs/commands.md anew: `npm run docs`, in the project's folder.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { COMMANDS } from '../words/commands.js';
import { documentsOf } from './documents.js';

for (const [file, text] of documentsOf(COMMANDS)) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
