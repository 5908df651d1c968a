// The queue that tells what has ended, as a user names it.

import { Failure } from './failure.js';
import { printable } from './rel-path.js';

declare const kind: unique symbol;

export type QueueName = string & { readonly [kind]: 'queue' };

export const QueueName = {
  /** Source: SQS API reference, CreateQueue, "QueueName"; such queues as keep their messages in order are not for topics of vaults. */
  isOne(text: string): text is QueueName {
    return /^[A-Za-z0-9_-]{1,80}$/.test(text);
  },
} as const;

export type QueueReference =
  /** The one that `notify setup` makes for the vault. */
  | { readonly is: 'auto' }
  | { readonly is: 'off' }
  | { readonly is: 'name'; readonly name: QueueName }
  /** Of the region and the service that is asked anyway, or it is refused when that is known. */
  | { readonly is: 'address'; readonly address: URL; readonly name: QueueName };

export const QueueReference = {
  /** `auto`, `off`, a name, or `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`. @throws Failure USAGE */
  parse(text: string, subject: string): QueueReference {
    if (text === 'auto' || text === 'off') return { is: text };
    if (QueueName.isOne(text)) return { is: 'name', name: text };
    const address = /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : null;
    const name = /^\/\d{12}\/([^/]+)$/.exec(address?.pathname ?? '')?.[1] ?? '';
    if (address !== null && QueueName.isOne(name)) return { is: 'address', address, name };
    throw new Failure(
      'USAGE',
      `${subject} must be auto, off, or the name or address of a queue, not ${printable(text)}`,
      {
        hint: 'a name has up to 80 letters, digits, - and _; an address looks like https://sqs.us-east-1.amazonaws.com/123456789012/NAME',
      },
    );
  },
} as const;
