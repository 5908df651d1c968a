import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { syncDirectoryOf } from '../../src/journal/append-file.js';

test.runIf(existsSync('/proc/self'))(
  'append file: a file system that flushes no directories is good enough',
  async () => {
    await syncDirectoryOf('/proc/self/journal');
  },
);

test('append file: a directory that is not there is an error', async () => {
  await expect(syncDirectoryOf('/nonexistent/journal')).rejects.toMatchObject({ code: 'ENOENT' });
});
