// Topics at SNS, over the SDK.

import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SNSClient,
  type SNSClientConfig,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { TopicArn } from '../../model/identifiers.js';
import { unless } from '../errors.js';
import type { NoticeRequests } from './notice-requests.js';
import type { Subscription, Topics } from './notices-port.js';

/** SNS writes so where a subscription has no name yet. */
const IS_NO_ARN = /^pending ?confirmation$/i;

/** Disposing closes its connections. */
export function snsTopics(config: SNSClientConfig, requests: NoticeRequests): Topics & AsyncDisposable {
  const client = new SNSClient(config);
  return {
    async topicExists(topic, signal) {
      const asked = { deed: `look for topic ${topic}`, action: 'sns:GetTopicAttributes' } as const;
      const command = new GetTopicAttributesCommand({ TopicArn: topic });
      const ask = () => client.send(command, { abortSignal: signal });
      return (await requests.patiently(asked, signal, ask).catch(unless('TOPIC_NOT_FOUND'))) !== undefined;
    },

    async createTopic(name, signal) {
      const asked = { deed: `make topic ${name}`, action: 'sns:CreateTopic' } as const;
      // Version 1 signs with SHA-1. Source: SNS developer guide, "Verifying the signatures of Amazon SNS messages".
      const command = new CreateTopicCommand({ Name: name, Attributes: { SignatureVersion: '2' } });
      const answer = await requests.patiently(asked, signal, () => client.send(command, { abortSignal: signal }));
      return TopicArn.parse(answer.TopicArn ?? '');
    },

    async deleteTopic(topic, signal) {
      const asked = { deed: `delete topic ${topic}`, action: 'sns:DeleteTopic' } as const;
      const command = new DeleteTopicCommand({ TopicArn: topic });
      const ask = () => client.send(command, { abortSignal: signal });
      await requests.patiently(asked, signal, ask).catch(unless('TOPIC_NOT_FOUND'));
    },

    subscriptions: (topic, signal) => subscriptionsOf(client, requests, topic, signal),

    async subscribe(topic, { protocol, endpoint }, signal) {
      const asked = { deed: `subscribe ${endpoint} to topic ${topic}`, action: 'sns:Subscribe' } as const;
      const command = new SubscribeCommand({ TopicArn: topic, Protocol: protocol, Endpoint: endpoint });
      const answer = await requests.patiently(asked, signal, () => client.send(command, { abortSignal: signal }));
      return IS_NO_ARN.test(answer.SubscriptionArn ?? '') ? 'pending' : 'confirmed';
    },

    async unsubscribe(subscription, signal) {
      const asked = { deed: `end subscription ${subscription}`, action: 'sns:Unsubscribe' } as const;
      const command = new UnsubscribeCommand({ SubscriptionArn: subscription });
      const ask = () => client.send(command, { abortSignal: signal });
      await requests.patiently(asked, signal, ask).catch(unless('TOPIC_NOT_FOUND'));
    },

    async confirmSubscription(topic, token, signal) {
      const asked = { deed: `confirm a subscription to topic ${topic}`, action: 'sns:ConfirmSubscription' } as const;
      const command = new ConfirmSubscriptionCommand({ TopicArn: topic, Token: token });
      await requests.patiently(asked, signal, () => client.send(command, { abortSignal: signal }));
    },

    async [Symbol.asyncDispose]() {
      client.destroy();
    },
  };
}

async function* subscriptionsOf(
  client: SNSClient,
  requests: NoticeRequests,
  topic: TopicArn,
  signal: AbortSignal,
): AsyncGenerator<Subscription> {
  const asked = { deed: `list subscriptions to topic ${topic}`, action: 'sns:ListSubscriptionsByTopic' } as const;
  let next: string | undefined;
  do {
    const command = new ListSubscriptionsByTopicCommand({ TopicArn: topic, NextToken: next });
    const answer = await requests.patiently(asked, signal, () => client.send(command, { abortSignal: signal }));
    for (const {
      SubscriptionArn: arn = '',
      Protocol: protocol = '',
      Endpoint: endpoint = '',
    } of answer.Subscriptions ?? []) {
      yield { arn: arn === '' || IS_NO_ARN.test(arn) ? null : arn, protocol, endpoint };
    }
    next = answer.NextToken;
  } while (next !== undefined && next !== '');
}
