// From a request to its answer: who asks and what for, whether it is served, and what goes wrong with it on order.

import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { RoomForBodies } from '../bodies/room-for-bodies.js';
import type { Conditions, CountedService } from '../control/conditions.js';
import type { Fault } from '../control/fault-rule.js';
import type { Faults } from '../control/faults.js';
import type { NoticeOffice } from '../notices/notice-office.js';
import type { Service } from '../operations/service.js';
import { ApiError, invalidParameter, missingParameter } from '../protocol/errors.js';
import { type Answer, type Call, headerOf, requiredHeader } from '../protocol/exchange.js';
import type { Keyring } from '../signing/keyring.js';
import { type Claim, readClaim, verifySignature } from '../signing/signature.js';
import { answerNotice, isForNotices } from './notice-desk.js';
import { receiveProven } from './proven-body.js';
import type { RequestAtWork } from './request-at-work.js';
import { type Route, routeOf } from './router.js';

const API_VERSION = '2012-06-01';

/** All accounts of a folder, and under which conditions they are served. */
export interface Site {
  readonly keys: Keyring;
  /** The service as that account sees it. */
  serviceOf(accountId: string): Service;
  readonly conditions: Conditions;
  readonly faults: Faults;
  readonly room: RoomForBodies;
  /** SNS and SQS, which are served on the same port. */
  readonly notices: NoticeOffice;
}

/** Thrown when the connection was cut on order: there is nobody to answer. */
export class ConnectionCut extends Error {
  override readonly name = 'ConnectionCut';
}

/** @throws ApiError, ConnectionCut */
export async function answerTo(site: Site, work: RequestAtWork): Promise<Answer> {
  const { wire } = work;
  const admitted = (service: CountedService): Promise<void> => admit(site, work, service);
  if (isForNotices(wire)) return answerNotice(site.notices, { keys: site.keys, room: site.room, admitted }, work);
  const claim = readClaim(wire, site.keys, Date.now());
  const { accountId } = claim.key;
  work.account = accountId;
  const route = routeOf(wire.method, wire.url, accountId);
  work.operation = route.operation;
  work.vault = route.names.vault === '' ? null : route.names.vault;
  const call = await authenticated(site.room, work, claim, route);
  checkVersion(call);
  await admitted('glacier');
  return perform(site.serviceOf(accountId), route, call);
}

/** The call, once it is known that a holder of the key sent it. @throws ApiError when it is not */
async function authenticated(room: RoomForBodies, work: RequestAtWork, claim: Claim, route: Route): Promise<Call> {
  const { wire, request, incoming } = work;
  const query = new URLSearchParams(wire.url.split('?').slice(1).join('?'));
  const call: Call = { names: route.names, query, request, body: Buffer.alloc(0), incoming };
  if (!route.takesArchive) return { ...call, body: await receiveProven(work, claim, room) };
  // An archive's hash is announced in a header and signed, so a stranger's body is not even read.
  verifySignature(wire, claim, requiredHeader(call, 'x-amz-content-sha256'));
  return call;
}

/** Lets a request pass whose sender is known, after whatever goes wrong with it on order. @throws ApiError, ConnectionCut */
async function admit({ conditions, faults }: Site, work: RequestAtWork, service: CountedService): Promise<void> {
  if (work.account !== null) conditions.admit(work.account, service, performance.now());
  work.fault = faults.strike(work.operation ?? '');
  if (work.fault !== null) await suffer(work, work.fault);
}

function checkVersion(call: Call): void {
  const version = headerOf(call, 'x-amz-glacier-version');
  if (version === undefined) throw missingParameter('API version');
  if (version !== API_VERSION) throw invalidParameter(`Invalid API version: ${version}`);
}

/** What a fault does before the work; what it does to the answer is done where that is sent. */
async function suffer(work: RequestAtWork, fault: Fault): Promise<void> {
  switch (fault.fault) {
    case 'error':
      throw new ApiError(fault.status, fault.code, fault.message);
    case 'reset':
      work.reset();
      throw new ConnectionCut('reset on order');
    case 'stall':
      await stall(work, fault.seconds);
      return;
    case 'slow':
      work.request.setTimeout(0);
      work.incoming.slowDown(fault.bytesPerSecond, work.gone);
      return;
    case 'lost-answer':
    case 'truncate':
    case 'corrupt':
    case 'wrong-hash':
  }
}

/** Nothing is done for a client that goes away meanwhile. */
async function stall({ request, gone }: RequestAtWork, seconds: number | null): Promise<void> {
  request.setTimeout(0);
  try {
    if (seconds === null) await once(gone, 'abort');
    else await setTimeout(seconds * 1000, undefined, { signal: gone });
  } catch {
    // The signal alone ends the waiting early.
  }
  if (gone.aborted) throw new ConnectionCut('the client went away');
}

/** Nothing is answered before all that the answer rests on is on stable storage. */
async function perform(service: Service, route: Route, call: Call): Promise<Answer> {
  const vault = service.folder.vaults.get(call.names.vault);
  const answer = await route.run(service, call);
  await Promise.all([vault?.settled(), service.folder.settings.settled()]);
  return answer;
}
