// Queues at SQS, over the SDK.

import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { Failure } from '../../model/failure.js';
import { unless } from '../errors.js';
import type { NoticeRequests } from './notice-requests.js';
import type { Queue, QueueMessage, QueueStanding, Queues } from './notices-port.js';

/**
 * Seconds. What a job has made is gone a day after it has ended, and so may be the word of it; messages that nobody
 * asks for must not pile up.
 */
const ATTRIBUTES = { MessageRetentionPeriod: '86400', ReceiveMessageWaitTimeSeconds: '20', VisibilityTimeout: '30' };

/** Messages in a request. */
const TEN = 10;

/** What is asked of the service; what an address is worth is seen without it. */
export type SqsQueues = Omit<Queues, 'queueAt'>;

/** Disposing closes its connections. */
export function sqsQueues(config: SQSClientConfig, requests: NoticeRequests): SqsQueues & AsyncDisposable {
  const client = new SQSClient(config);
  return {
    async findQueue(name, signal) {
      const asked = { deed: `look for queue ${name}`, action: 'sqs:GetQueueUrl' } as const;
      const command = new GetQueueUrlCommand({ QueueName: name });
      const ask = () => client.send(command, { abortSignal: signal });
      const answer = await requests.patiently(asked, signal, ask).catch(unless('QUEUE_NOT_FOUND'));
      return answer === undefined ? null : queueOf(answer.QueueUrl);
    },

    async receive(queue, waitSeconds, signal) {
      const asked = { deed: `receive from ${shown(queue)}`, action: 'sqs:ReceiveMessage' } as const;
      const command = new ReceiveMessageCommand({
        QueueUrl: queue,
        MaxNumberOfMessages: TEN,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      });
      const ask = () => client.send(command, { abortSignal: signal });
      const { Messages: messages = [] } = await requests.once(asked, signal, ask);
      return messages.flatMap(messageIn);
    },

    async discard(queue, handles, signal) {
      const asked = { deed: `delete messages of ${shown(queue)}`, action: 'sqs:DeleteMessage' } as const;
      for (let at = 0; at < handles.length; at += TEN) {
        const some = handles.slice(at, at + TEN);
        const Entries = some.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
        const command = new DeleteMessageBatchCommand({ QueueUrl: queue, Entries });
        await requests.once(asked, signal, () => client.send(command, { abortSignal: signal }));
      }
    },

    async createQueue(name, policy, signal) {
      const asked = { deed: `make queue ${name}`, action: 'sqs:CreateQueue' } as const;
      const command = new CreateQueueCommand({ QueueName: name, Attributes: { ...ATTRIBUTES, Policy: policy } });
      const answer = await requests.patiently(asked, signal, () => client.send(command, { abortSignal: signal }));
      return queueOf(answer.QueueUrl);
    },

    async queueStanding(queue, signal) {
      const asked = { deed: `look at ${shown(queue)}`, action: 'sqs:GetQueueAttributes' } as const;
      const command = new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['All'] });
      const ask = () => client.send(command, { abortSignal: signal });
      const { Attributes: attributes = {} } = await requests.patiently(asked, signal, ask);
      return standingIn(attributes);
    },

    async setQueuePolicy(queue, policy, signal) {
      const asked = { deed: `set the policy of ${shown(queue)}`, action: 'sqs:SetQueueAttributes' } as const;
      const command = new SetQueueAttributesCommand({ QueueUrl: queue, Attributes: { Policy: policy } });
      await requests.patiently(asked, signal, () => client.send(command, { abortSignal: signal }));
    },

    async deleteQueue(queue, signal) {
      const asked = { deed: `delete ${shown(queue)}`, action: 'sqs:DeleteQueue' } as const;
      const command = new DeleteQueueCommand({ QueueUrl: queue });
      const ask = () => client.send(command, { abortSignal: signal });
      await requests.patiently(asked, signal, ask).catch(unless('QUEUE_NOT_FOUND'));
    },

    async [Symbol.asyncDispose]() {
      client.destroy();
    },
  };
}

function queueOf(address: string | undefined): Queue {
  if (address === undefined) throw new Failure('VAULT_REFUSED', 'a queue was named without its address');
  return address as Queue;
}

function messageIn({ Body: body, ReceiptHandle: handle, Attributes: attributes }: Message): QueueMessage[] {
  if (handle === undefined) return [];
  return [{ body: body ?? '', handle, receives: Number(attributes?.ApproximateReceiveCount ?? 1) }];
}

function standingIn(attributes: Readonly<Record<string, string>>): QueueStanding {
  const { QueueArn: arn = '', Policy: policy = '' } = attributes;
  const waiting = Number(attributes['ApproximateNumberOfMessages'] ?? 0);
  return { arn, policy, waiting, received: Number(attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0) };
}

function shown(queue: Queue): string {
  return `queue ${queue.slice(queue.lastIndexOf('/') + 1)}`;
}
