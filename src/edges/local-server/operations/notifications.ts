// SetVaultNotifications, GetVaultNotifications, DeleteVaultNotifications.

import { invalidParameter, missingParameter, notFound } from '../protocol/errors.js';
import type { Answer, Call } from '../protocol/exchange.js';
import { parseObject, textOf, textsOf } from '../protocol/json-fields.js';
import type { Notifications, NotifiedEvent } from '../vault/records.js';
import { type Service, vaultOf } from './service.js';

export function setVaultNotifications(service: Service, call: Call): Answer {
  const vault = vaultOf(service, call);
  vault.record({ type: 'notifications', ...parseNotifications(call.body), at: service.now() });
  return { status: 204 };
}

export function getVaultNotifications(service: Service, call: Call): Answer {
  const { notifications } = vaultOf(service, call).state.settings;
  if (notifications === null) {
    throw notFound(`No notification configuration is set for vault: ${call.names.vault}`);
  }
  return { status: 200, json: { Events: notifications.events, SNSTopic: notifications.topic } };
}

/** Notifications that are not there are deleted already. */
export function deleteVaultNotifications(service: Service, call: Call): Answer {
  const vault = vaultOf(service, call);
  if (vault.state.settings.notifications !== null) {
    vault.record({ type: 'notifications-deleted', at: service.now() });
  }
  return { status: 204 };
}

/** Whether there is such a topic is seen when something is to be told. */
function parseNotifications(body: Buffer): Notifications {
  const fields = parseObject(body);
  const topic = textOf(fields, 'SNSTopic');
  if (topic === null) throw missingParameter('SNSTopic');
  if (!/^arn:[\w-]+:sns:[\w-]+:\d{12}:.+$/.test(topic)) throw invalidParameter(`Invalid SNS topic ARN: ${topic}`);
  const events = textsOf(fields, 'Events');
  if (events === null) throw missingParameter('Events');
  if (events.length === 0) throw invalidParameter('The list of events is empty.');
  return { topic, events: events.map(parseEvent) };
}

function parseEvent(event: string): NotifiedEvent {
  if (event === 'ArchiveRetrievalCompleted' || event === 'InventoryRetrievalCompleted') return event;
  throw invalidParameter(`Invalid notification event: ${event}`);
}
