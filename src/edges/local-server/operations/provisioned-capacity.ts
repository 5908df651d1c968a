// ListProvisionedCapacity, PurchaseProvisionedCapacity, and whether an Expedited retrieval finds capacity.

import { insufficientCapacity, limitExceeded } from '../protocol/errors.js';
import { type Answer, timeOf } from '../protocol/exchange.js';
import { newCapacityId } from '../protocol/ids.js';
import type { JobWork } from '../vault/records.js';
import type { Service } from './service.js';

/** Source: Glacier developer guide, "Purchase Provisioned Capacity". */
const UNITS_MAX = 2;

export function listProvisionedCapacity(service: Service): Answer {
  const list = service.folder.settings.unitsAt(service.now()).map(({ id, at, until }) => ({
    CapacityId: id,
    ExpirationDate: timeOf(until),
    StartDate: timeOf(at),
  }));
  return { status: 200, json: { ProvisionedCapacityList: list } };
}

export async function purchaseProvisionedCapacity(service: Service): Promise<Answer> {
  const at = service.now();
  const { settings } = service.folder;
  if (settings.unitsAt(at).length >= UNITS_MAX) {
    throw limitExceeded(`The limit of ${UNITS_MAX} provisioned capacity units for this account is reached.`);
  }
  const id = newCapacityId();
  await settings.record({ type: 'capacity-unit', id, at, until: monthAfter(at) });
  return { status: 201, headers: { 'x-amz-capacity-id': id } };
}

/** Provisioned capacity is never without; what is not provisioned may be. @throws ApiError */
export function checkCapacity(service: Service, work: JobWork): void {
  if (work.action !== 'archive-retrieval' || work.tier !== 'Expedited') return;
  if (service.conditions.of(service.folder.account.accountId).expeditedCapacity) return;
  if (service.folder.settings.unitsAt(service.now()).length === 0) throw insufficientCapacity();
}

/**
 * The same day and time of the next month, or the last day of that month where it has no such day.
 * Source: Glacier developer guide, "Provisioned Capacity".
 */
function monthAfter(at: number): number {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + 1);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, lastDay));
}
