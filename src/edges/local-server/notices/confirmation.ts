// Asking a web endpoint whether it wants to be subscribed, and telling it that it is no more.

import { randomBytes, randomUUID } from 'node:crypto';
import type { NoticeOffice } from './notice-office.js';
import type { LetterKind } from './notice-records.js';
import type { Subscription } from './topic-book.js';

/** Source: SNS developer guide, "HTTP/HTTPS subscription confirmation JSON format", and the one for unsubscribing. */
export function sendConfirmation(
  office: NoticeOffice,
  subscription: Subscription,
  kind: Exclude<LetterKind, 'Notification'>,
  token: string,
): void {
  const { arn, topic } = subscription;
  const message =
    kind === 'SubscriptionConfirmation'
      ? `You have chosen to subscribe to the topic ${topic}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`
      : `You have chosen to deactivate subscription ${arn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`;
  const at = office.clock.now();
  office.sendLetter(subscription, {
    kind,
    messageId: randomUUID(),
    topic,
    subscription: arn,
    subject: null,
    message,
    token,
    at,
  });
}

/** As long as those of AWS, which begin so. */
export function newToken(): string {
  return `2336412f37${randomBytes(123).toString('hex')}`;
}
