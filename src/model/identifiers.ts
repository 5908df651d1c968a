// Names that a vault gives out. Opaque: compared, stored and sent back, never looked into.

import { Failure } from './failure.js';

declare const kind: unique symbol;

export type ArchiveId = string & { readonly [kind]: 'archive' };
export type UploadId = string & { readonly [kind]: 'upload' };
export type JobId = string & { readonly [kind]: 'job' };
export type VaultName = string & { readonly [kind]: 'vault' };
export type TopicArn = string & { readonly [kind]: 'topic' };

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

/** What the ARN of a topic names. */
interface TopicPlace {
  readonly region: string;
  readonly account: string;
  readonly name: string;
}

const TOPIC_ARN = /^arn:aws[a-z-]*:sns:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_-]{1,256}(?:\.fifo)?)$/;

export const TopicArn = {
  /**
   * `arn:aws:sns:REGION:ACCOUNT:NAME`; the name is 1 to 256 letters, digits, hyphens and underscores. Source: SNS API
   * reference, CreateTopic.
   * @throws Failure USAGE
   */
  parse(text: string): TopicArn {
    if (!TOPIC_ARN.test(text)) {
      throw new Failure('USAGE', `${JSON.stringify(text)} is not the ARN of a topic`, {
        hint: 'it looks like arn:aws:sns:us-east-1:123456789012:NAME',
      });
    }
    return text as TopicArn;
  },

  placeOf(topic: TopicArn): TopicPlace {
    const [, region = '', account = '', name = ''] = TOPIC_ARN.exec(topic) ?? [];
    return { region, account, name };
  },
} as const;
