// What the topic and the queue of a vault are called, as `notify setup` makes them and as waiting looks for them.

import { createHash } from 'node:crypto';
import { Failure } from '../../model/failure.js';
import { TopicArn } from '../../model/identifiers.js';
import { QueueName } from '../../model/queue-reference.js';

/** Where a vault is, as far as its topic and its queue share it. */
export interface VaultPlace {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

export interface NoticeNames extends VaultPlace {
  readonly topic: TopicArn;
  readonly queue: QueueName;
}

/** A queue's name has up to 80 characters; a vault's 255, dots among them. */
const LONGEST = 70;

/** @param vault its ARN. Of two vaults of an account in a region the names differ. */
export function noticeNamesOf(vault: string): NoticeNames {
  const [, partition = '', region = '', account = '', name = ''] =
    /^arn:([a-z-]+):glacier:([a-z0-9-]+):(\d{12}):vaults\/(.+)$/.exec(vault) ?? [];
  if (name === '') throw new Failure('VAULT_REFUSED', `not the ARN of a vault: ${JSON.stringify(vault)}`);
  const both = `mtglacier-${plainNameOf(name)}`;
  if (!QueueName.isOne(both)) throw new Error(`not the name of a queue: ${both}`);
  const topic = TopicArn.parse(`arn:${partition}:sns:${region}:${account}:${both}`);
  return { partition, region, account, topic, queue: both };
}

export function queueArn({ partition, region, account }: VaultPlace, queue: QueueName): string {
  return `arn:${partition}:sqs:${region}:${account}:${queue}`;
}

/** Whatever is not plain enough, or could be taken for what is made here, ends with a part of its own hash. */
function plainNameOf(vault: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(vault) && vault.length <= LONGEST && !/-[0-9a-f]{16}$/.test(vault)) return vault;
  const hash = createHash('sha256').update(vault).digest('hex').slice(0, 16);
  return `${vault.replaceAll('.', '_').slice(0, LONGEST - hash.length - 1)}-${hash}`;
}
