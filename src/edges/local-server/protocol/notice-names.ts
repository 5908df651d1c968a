// The operations on topics and queues, and the deliveries to subscribers, by their names in logs and orders for faults.

/** Source: SNS API reference, as far as job notices need it. */
const SNS_ACTIONS = [
  'CreateTopic',
  'DeleteTopic',
  'ListTopics',
  'GetTopicAttributes',
  'SetTopicAttributes',
  'Publish',
  'Subscribe',
  'ConfirmSubscription',
  'Unsubscribe',
  'ListSubscriptions',
  'ListSubscriptionsByTopic',
  'GetSubscriptionAttributes',
  'SetSubscriptionAttributes',
] as const;

/** Source: SQS API reference, as far as job notices need it. */
const SQS_ACTIONS = [
  'CreateQueue',
  'DeleteQueue',
  'GetQueueUrl',
  'ListQueues',
  'GetQueueAttributes',
  'SetQueueAttributes',
  'PurgeQueue',
  'SendMessage',
  'ReceiveMessage',
  'DeleteMessage',
  'DeleteMessageBatch',
  'ChangeMessageVisibility',
] as const;

/** What SNS does by itself: it takes a notice to a subscriber, or asks an endpoint whether it is one. */
export const DELIVERY_NAMES = ['sns:Deliver', 'sns:DeliverConfirmation'] as const;

export type SnsAction = (typeof SNS_ACTIONS)[number];
export type SqsAction = (typeof SQS_ACTIONS)[number];
export type NoticeOperationName = `sns:${SnsAction}` | `sqs:${SqsAction}`;
export type DeliveryName = (typeof DELIVERY_NAMES)[number];

export const NOTICE_OPERATION_NAMES: readonly NoticeOperationName[] = [
  ...SNS_ACTIONS.map((action) => `sns:${action}` as const),
  ...SQS_ACTIONS.map((action) => `sqs:${action}` as const),
];
