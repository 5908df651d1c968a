import { describe, expect, it } from 'vitest';
import { linesOf } from '../../src/cli/report/event-lines.js';
import { uploadAnswer } from '../../src/cli/report/upload-text.js';
import type { FoundUpload } from '../../src/flows/storing/unfinished-uploads.js';
import { Instant } from '../../src/model/clock.js';
import { UploadId } from '../../src/model/identifiers.js';
import { RelPath } from '../../src/model/rel-path.js';

const NOW = Instant.ofSeconds(1_700_000_000);
const MIB = 1024 * 1024;

const UPLOAD: FoundUpload = {
  uploadId: UploadId.parse('upload-1'),
  description: 'mt2 …',
  partSize: MIB,
  begunAt: NOW,
  described: { filename: '2024/film.mov', mtime: NOW },
  intents: [],
  held: [
    { start: 0, end: MIB },
    { start: MIB, end: MIB + 512 * 1024 },
  ],
  heldBytes: 1.5 * MIB,
};

describe('an unfinished upload', () => {
  it('an unfinished upload: people are told its name, its id, what is there, and whether the journal knows it', () => {
    const lines = uploadAnswer(UPLOAD, true, NOW).lines.join('\n');
    expect(lines).toMatch(/^2024\/film\.mov\n/);
    expect(lines).toContain('  upload id   upload-1\n');
    expect(lines).toContain('1.5 MiB in 2 parts of up to 1.0 MiB');
    expect(lines).toMatch(/journal {5}does not know it$/);
    expect(uploadAnswer(UPLOAD, false, NOW).lines.join('\n')).not.toContain('journal');
  });

  it('an unfinished upload: another description is shown as it is, harmless on a terminal', () => {
    const [title] = uploadAnswer({ ...UPLOAD, described: null, description: 'my\u001b[2Jfilm' }, false, NOW).lines;
    expect(title).toBe('(described as "my\\u001b[2Jfilm")');
    expect(uploadAnswer({ ...UPLOAD, described: null, description: '' }, false, NOW).lines[0]).toBe(
      '(without a description)',
    );
  });

  it('an unfinished upload: programs get the same as fields', () => {
    const { event, fields } = uploadAnswer(UPLOAD, false, NOW);
    expect(event).toBe('upload');
    expect(fields).toMatchObject({ uploadId: 'upload-1', path: '2024/film.mov', mtime: '2023-11-14T22:13:20Z' });
    expect(fields).toMatchObject({ partSize: MIB, parts: 2, size: 1.5 * MIB, inJournal: null });
    expect(uploadAnswer(UPLOAD, true, NOW).fields['inJournal']).toBe(false);
  });

  it('an unfinished upload: what is done with it is said with its id and its name, if it has one', () => {
    const { uploadId } = UPLOAD;
    const text = (event: Parameters<typeof linesOf>[0]) => linesOf(event, 'kept', NOW).map((line) => line.text);
    expect(text({ event: 'abandoned', path: '../x', uploadId })).toEqual(['Dropped upload upload-1 (filename ../x)']);
    expect(text({ event: 'abandoned', path: null, uploadId })).toEqual(['Dropped upload upload-1']);
    expect(text({ event: 'planned', do: 'abandon', path: null, uploadId })).toEqual(['Will DROP upload upload-1']);
    const file = { path: RelPath.parse('film.mov'), size: 3 };
    expect(text({ event: 'planned', do: 'resume', ...file, uploadId })).toEqual([
      'Will RESUME upload upload-1 of kept/film.mov',
    ]);
  });
});
