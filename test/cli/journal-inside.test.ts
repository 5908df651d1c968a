import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { journalInsideNotice } from '../../src/cli/journal-inside.js';

const home = mkdtempSync(join(tmpdir(), 'mtglacier-inside-'));
const kept = join(home, 'kept');
mkdirSync(join(kept, '..below'), { recursive: true });
mkdirSync(join(home, 'kept-too'));
symlinkSync(kept, join(home, 'link'));

afterAll(() => rmSync(home, { recursive: true }));

describe('journal inside', () => {
  it.each([join(kept, 'j'), join(kept, '..below', 'j'), join(home, 'link', 'j')])(
    'journal inside: %s is noticed',
    (journal) => {
      expect(journalInsideNotice(kept, journal)).toMatchObject({ topic: 'journal-inside' });
    },
  );

  it.each([join(home, 'j'), join(home, 'kept-too', 'j'), join(home, 'missing', 'j')])(
    'journal inside: %s is not inside',
    (journal) => {
      expect(journalInsideNotice(kept, journal)).toBeNull();
    },
  );
});
