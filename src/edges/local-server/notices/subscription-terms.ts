// What can be subscribed, how it is reached, and on which terms.

import { parseArn } from './arns.js';
import { parseDeliveryPolicy } from './delivery-policy.js';
import { invalidSns } from './notice-errors.js';
import type { Protocol } from './notice-records.js';

const PROTOCOLS: readonly string[] = ['sqs', 'http', 'https', 'email', 'email-json'] satisfies Protocol[];

/** Whether letters go there by HTTP. */
export function isWeb(protocol: Protocol): boolean {
  return protocol === 'http' || protocol === 'https';
}

/** @throws NoticeError for one that AWS has not, or that a local vault cannot serve */
export function protocolOf(text: string): Protocol {
  if (PROTOCOLS.includes(text)) return text as Protocol;
  throw invalidSns(`Amazon SNS does not support this protocol string, or a local vault does not: ${text}`);
}

/** Characters; it is kept, and goes with every letter. */
const ENDPOINT_MAX = 2048;

/** @throws NoticeError when the protocol does not lead there */
export function checkEndpoint(protocol: Protocol, endpoint: string): void {
  if (endpoint.length > ENDPOINT_MAX) throw invalidSns(`Endpoint Reason: longer than ${ENDPOINT_MAX} characters`);
  switch (protocol) {
    case 'sqs':
      if (parseArn(endpoint)?.service !== 'sqs') throw invalidSns('SQS endpoint ARN');
      return;
    case 'http':
    case 'https':
      if (!endpoint.startsWith(`${protocol}://`)) throw invalidSns('Endpoint must match the specified protocol');
      if (!URL.canParse(endpoint)) throw invalidSns('Endpoint');
      return;
    case 'email':
    case 'email-json':
      if (!/^[^@\s]+@[^@\s]+$/.test(endpoint)) throw invalidSns('Email address');
  }
}

/** Source: SNS API reference, SetSubscriptionAttributes. @throws NoticeError */
export function checkSubscriptionAttribute(protocol: Protocol, name: string, value: string): void {
  if (name === 'RawMessageDelivery') {
    if (value !== 'true' && value !== 'false') throw invalidSns(`Attributes Reason: RawMessageDelivery: ${value}`);
    if (protocol.startsWith('email'))
      throw invalidSns('Attributes Reason: Delivery protocol does not support raw messages');
  } else if (name === 'DeliveryPolicy') parseDeliveryPolicy(value);
  else throw invalidSns(`AttributeName: ${name} is unknown, or not emulated by a local vault`);
}
