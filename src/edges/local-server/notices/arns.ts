// Amazon resource names of topics, subscriptions and queues, and the names that these may have.

/** The parts of a name. */
export interface Arn {
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** All that follows the account; may have colons of its own. */
  readonly resource: string;
}

/** Null when it is none. Source: AWS general reference, "Amazon Resource Names (ARNs)". */
export function parseArn(text: string): Arn | null {
  const [, service, region, account, resource] = /^arn:aws:([a-z0-9-]+):([a-z0-9-]+):(\d{12}):(.+)$/s.exec(text) ?? [];
  if (service === undefined || region === undefined || account === undefined || resource === undefined) return null;
  return { service, region, account, resource };
}

export function arnOfTopic(region: string, account: string, name: string): string {
  return `arn:aws:sns:${region}:${account}:${name}`;
}

export function arnOfQueue(region: string, account: string, name: string): string {
  return `arn:aws:sqs:${region}:${account}:${name}`;
}

/** The last part of a queue's or topic's name. */
export function nameIn(arn: string): string {
  return arn.split(':').slice(5).join(':');
}

/** Account that owns what the name stands for. */
export function accountIn(arn: string): string {
  return arn.split(':')[4] ?? '';
}

/** Source: SNS API reference, CreateTopic, "Name". */
export function isTopicName(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,256}$/.test(name);
}

/** Source: SQS API reference, CreateQueue, "QueueName". */
export function isQueueName(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,80}$/.test(name);
}
