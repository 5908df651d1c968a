// An unfinished upload, for people and for programs.

import type { FoundUpload } from '../../flows/storing/unfinished-uploads.js';
import type { Instant } from '../../model/clock.js';
import { printable } from '../../model/rel-path.js';
import { sizeText, timestamp, timeText } from './quantities.js';
import type { Answer } from './reporter.js';
import { shownName } from './safe-text.js';

/** @param hasJournal whether a journal was asked about it too */
export function uploadAnswer(upload: FoundUpload, hasJournal: boolean, now: Instant): Answer {
  const { uploadId, begunAt, partSize, held, heldBytes, described, description, intents } = upload;
  const known = hasJournal ? intents.length > 0 : null;
  return {
    event: 'upload',
    fields: {
      uploadId,
      path: described?.filename ?? null,
      mtime: described === null ? null : timestamp(described.mtime),
      description,
      begunAt: timestamp(begunAt),
      partSize,
      parts: held.length,
      size: heldBytes,
      inJournal: known,
    },
    lines: [
      titleOf(upload),
      `  upload id   ${uploadId}`,
      `  begun       ${timeText(begunAt, now)}`,
      `  there       ${sizeText(heldBytes)} in ${held.length} parts of up to ${sizeText(partSize)}`,
      ...(known === null ? [] : [`  journal     ${known ? 'knows it, so sync goes on with it' : 'does not know it'}`]),
    ],
  };
}

function titleOf({ described, description }: FoundUpload): string {
  if (described !== null) return shownName(described.filename);
  return description === '' ? '(without a description)' : `(described as ${printable(description)})`;
}
