// Opens topics and queues: each of the two clients is loaded when it is first needed, and not before.

import process from 'node:process';
import { type Clock, systemClock } from '../../model/clock.js';
import type { Report } from '../../model/events.js';
import { type GlacierSettings, sdkConfig } from '../glacier-config.js';
import { ordinaryPatience, type Patience } from '../patience.js';
import { proxyFor } from '../proxy.js';
import { type NoticeKind, type NoticePlace, noticePlace } from './notice-place.js';
import { noticeRequests } from './notice-requests.js';
import type { Notices, Queues, Topics } from './notices-port.js';
import { queueAt } from './queue-address.js';
import type { SqsQueues } from './sqs-queues.js';

/** Who asks and how patiently; it may name a proxy, and addresses of the services. */
export interface NoticeOptions {
  readonly patience: Patience;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A queue that is asked answers only when there is something, or after so long. */
const LONG_POLL_MS = 20_000;

/** As vaults are opened: the same keys, the same region, the same manners. Sends nothing yet. */
export function openNotices(
  settings: GlacierSettings,
  vaults: NoticePlace,
  report: Report,
  clock: Clock = systemClock,
): Notices {
  return noticesOf(settings, vaults, { patience: ordinaryPatience(report, clock) });
}

/** @throws Failure CONFIG when something is first asked of them */
export function noticesOf(
  settings: GlacierSettings,
  vaults: NoticePlace,
  { patience, environment = process.env }: NoticeOptions,
): Notices {
  const requests = noticeRequests(patience);
  const opened: AsyncDisposable[] = [];
  const configOf = (service: NoticeKind) => {
    const place = noticePlace(service, vaults, environment);
    const timeoutMs = settings.timeoutMs === 0 ? 0 : settings.timeoutMs + LONG_POLL_MS;
    return { ...sdkConfig({ ...settings, timeoutMs }, proxyFor(new URL(place.endpoint), environment)), ...place };
  };
  const topics = once(async () => {
    silenceSdk();
    const { snsTopics } = await import('./sns-topics.js');
    return kept(opened, snsTopics(configOf('sns'), requests));
  });
  const queues = once(async () => {
    silenceSdk();
    const { sqsQueues } = await import('./sqs-queues.js');
    return kept(opened, sqsQueues(configOf('sqs'), requests));
  });
  return {
    ...topicsOnDemand(topics),
    ...queuesOnDemand(queues, noticePlace('sqs', vaults, environment).endpoint),
    async [Symbol.asyncDispose]() {
      for (const one of opened) await one[Symbol.asyncDispose]();
    },
  };
}

/** It warns of versions of Node.js that it will not support one day. */
function silenceSdk(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function kept<T extends AsyncDisposable>(list: AsyncDisposable[], one: T): T {
  list.push(one);
  return one;
}

function topicsOnDemand(topics: () => Promise<Topics>): Topics {
  return {
    topicExists: async (topic, signal) => (await topics()).topicExists(topic, signal),
    createTopic: async (name, signal) => (await topics()).createTopic(name, signal),
    deleteTopic: async (topic, signal) => (await topics()).deleteTopic(topic, signal),
    async *subscriptions(topic, signal) {
      yield* (await topics()).subscriptions(topic, signal);
    },
    subscribe: async (topic, to, signal) => (await topics()).subscribe(topic, to, signal),
    unsubscribe: async (subscription, signal) => (await topics()).unsubscribe(subscription, signal),
    confirmSubscription: async (topic, token, signal) => (await topics()).confirmSubscription(topic, token, signal),
  };
}

function queuesOnDemand(queues: () => Promise<SqsQueues>, endpoint: string): Queues {
  return {
    findQueue: async (name, signal) => (await queues()).findQueue(name, signal),
    queueAt: (address) => queueAt(address, endpoint),
    receive: async (queue, waitSeconds, signal) => (await queues()).receive(queue, waitSeconds, signal),
    discard: async (queue, handles, signal) => (await queues()).discard(queue, handles, signal),
    createQueue: async (name, policy, signal) => (await queues()).createQueue(name, policy, signal),
    queueStanding: async (queue, signal) => (await queues()).queueStanding(queue, signal),
    setQueuePolicy: async (queue, policy, signal) => (await queues()).setQueuePolicy(queue, policy, signal),
    deleteQueue: async (queue, signal) => (await queues()).deleteQueue(queue, signal),
  };
}
