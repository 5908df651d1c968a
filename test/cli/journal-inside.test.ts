import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { journalInside } from '../../src/cli/journal-inside.js';
import { RelPath } from '../../src/model/rel-path.js';

const home = mkdtempSync(join(tmpdir(), 'mtglacier-inside-'));
const kept = join(home, 'kept');
mkdirSync(join(kept, '..below'), { recursive: true });
mkdirSync(join(home, 'kept-too'));
symlinkSync(kept, join(home, 'link'));
writeFileSync(join(kept, 'real'), '');
symlinkSync(join(kept, 'real'), join(home, 'linked-journal'));
symlinkSync('kept/to-be-made', join(home, 'journal-to-be-made'));

afterAll(() => rmSync(home, { recursive: true }));

describe('journal inside', () => {
  it.each([
    [join(kept, 'j'), 'j'],
    [join(kept, '..below', 'j'), '..below/j'],
    [join(home, 'link', 'j'), 'j'],
    [join(home, 'linked-journal'), 'real'],
    [join(home, 'journal-to-be-made'), 'to-be-made'],
  ])('journal inside: %s is found, with what lies beside it', (journal, path) => {
    const isOwn = journalInside(kept, journal);
    const own = ['', '.lock', '.lock.d', '.pending', '.pending.new', '.vault', '.runs', '.runs/a.ndjson'];
    const others = ['.bak', '.runs.old', '.lock.old', '2', '/x'];
    for (const ending of own) expect(isOwn?.(RelPath.parse(path + ending)), ending).toBe(true);
    for (const ending of others) expect(isOwn?.(RelPath.parse(path + ending)), ending).toBe(false);
    expect(isOwn?.(RelPath.parse(`x/${path}`))).toBe(false);
  });

  it.each([join(home, 'j'), join(home, 'kept-too', 'j'), join(home, 'missing', 'j')])(
    'journal inside: %s is not inside',
    (journal) => {
      expect(journalInside(kept, journal)).toBeNull();
    },
  );
});
