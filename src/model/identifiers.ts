// Names that a vault gives out. Opaque: compared, stored and sent back, never looked into.

import { Failure } from './failure.js';

declare const kind: unique symbol;

export type ArchiveId = string & { readonly [kind]: 'archive' };
export type UploadId = string & { readonly [kind]: 'upload' };
export type JobId = string & { readonly [kind]: 'job' };
export type VaultName = string & { readonly [kind]: 'vault' };

/** An opaque id has at least one character and no blanks, so that it can stand in a journal line. */
function parseId(what: string, text: string): string {
  if (!/^\S+$/.test(text)) throw new Failure('VAULT_REFUSED', `not ${what}: ${JSON.stringify(text)}`);
  return text;
}

export const ArchiveId = { parse: (text: string): ArchiveId => parseId('an archive id', text) as ArchiveId } as const;
export const UploadId = { parse: (text: string): UploadId => parseId('an upload id', text) as UploadId } as const;
export const JobId = { parse: (text: string): JobId => parseId('a job id', text) as JobId } as const;

export const VaultName = {
  /**
   * 1–255 characters of `A-Z a-z 0-9 _ . -`. Source: Glacier developer guide, "Working with Vaults".
   * @throws Failure USAGE
   */
  parse(text: string): VaultName {
    if (!/^[A-Za-z0-9_.-]{1,255}$/.test(text)) {
      throw new Failure('USAGE', `vault name ${JSON.stringify(text)} is not allowed`, {
        hint: 'use 1 to 255 letters, digits and any of . _ -',
      });
    }
    return text as VaultName;
  },
} as const;
