// Where requests to SNS and SQS come in: told from Glacier's by what they are signed for, authenticated, answered.

import type { RoomForBodies } from '../bodies/room-for-bodies.js';
import { parseForm } from '../notices/form.js';
import { asNoticeError, NoticeError } from '../notices/notice-errors.js';
import type { NoticeOffice } from '../notices/notice-office.js';
import { type NoticeProtocol, SNS_QUERY, SQS_JSON, SQS_QUERY, textAnswer } from '../notices/notice-protocols.js';
import type { Answer } from '../protocol/exchange.js';
import { NOTICE_OPERATION_NAMES, type NoticeOperationName } from '../protocol/notice-names.js';
import type { WireRequest } from '../signing/canonical-request.js';
import type { Keyring } from '../signing/keyring.js';
import { readClaim } from '../signing/signature.js';
import { receiveProven } from './proven-body.js';
import type { RequestAtWork } from './request-at-work.js';

type NoticeService = 'sns' | 'sqs';

/** What the desk asks of the house that it stands in. */
interface DeskParts {
  readonly keys: Keyring;
  readonly room: RoomForBodies;
  /** Resolves when the request may go on. @throws ApiError when it is refused, and whatever else was ordered */
  readonly admitted: (service: NoticeService) => Promise<void>;
}

/** A message of 1 MiB in which a form escapes every byte. */
const BODY_MAX = 4 * 1024 * 1024;
/** What the links in a letter ask for; whoever got the letter holds no key. */
const LINKS: ReadonlySet<string> = new Set(['ConfirmSubscription', 'Unsubscribe']);
const CERTIFICATE = /^\/SimpleNotificationService-[0-9a-f]{32}\.pem$/;

/** Whether a request is for SNS or SQS; the same port serves Glacier. */
export function isForNotices(wire: WireRequest): boolean {
  return serviceOf(wire) !== null;
}

/** Refusals are answers too, in the protocol of the request. @throws whatever is a defect of ours */
export async function answerNotice(office: NoticeOffice, parts: DeskParts, work: RequestAtWork): Promise<Answer> {
  const { wire } = work;
  if (wire.method === 'GET' && CERTIFICATE.test(pathOf(wire))) return certificateAnswer(office, pathOf(wire));
  const service = serviceOf(wire) ?? 'sns';
  const protocol = protocolOf(service, wire);
  try {
    return await authenticatedAnswer(office, parts, work, service);
  } catch (cause) {
    const error = asNoticeError(cause, service);
    if (error === null) throw cause;
    work.error = error.queryCode;
    const refusal = protocol.refuse(error, work.id);
    // A protocol has its own statuses; one that was ordered is given as it was ordered.
    return work.fault?.fault === 'error' ? { ...refusal, status: work.fault.status } : refusal;
  }
}

async function authenticatedAnswer(
  office: NoticeOffice,
  parts: DeskParts,
  work: RequestAtWork,
  service: NoticeService,
): Promise<Answer> {
  const { wire } = work;
  const protocol = protocolOf(service, wire);
  const { accountId, body } = await proven(parts, work, service);
  const request = { url: wire.url, body, target: wire.headers['x-amz-target']?.[0] ?? null, requestId: work.id };
  work.account = accountId;
  work.operation = operationOf(service, protocol.actionOf(request));
  await parts.admitted(service);
  const call = { accountId, origin: originOf(wire, office.endpoint), signal: work.gone };
  const answer = await protocol.answer(office, call, request);
  // Nothing is answered before all that the answer rests on is on stable storage.
  await office.store.settled();
  return answer;
}

/** Null for the account of a link, whose body nobody looks at. @throws ApiError when its sender is not who it says */
async function proven(
  { keys, room }: DeskParts,
  work: RequestAtWork,
  service: NoticeService,
): Promise<{ readonly accountId: string | null; readonly body: Buffer }> {
  const isOpen = service === 'sns' && work.wire.headers['authorization'] === undefined && isLink(work.wire);
  if (isOpen) return { accountId: null, body: Buffer.alloc(0) };
  const claim = readClaim(work.wire, keys, Date.now(), [service]);
  return { accountId: claim.key.accountId, body: await receiveProven(work, claim, room, BODY_MAX) };
}

/** Null for one that there is not: what a client makes up is neither counted nor kept. */
function operationOf(service: NoticeService, action: string): NoticeOperationName | null {
  return NOTICE_OPERATION_NAMES.find((name) => name === `${service}:${action}`) ?? null;
}

/** The repetitions are bounded, since a stranger's header is searched: else its length would count twice over. */
const SIGNED_FOR = /Credential=[^/,\s]{1,128}\/\d{8}\/[^/,\s]{1,64}\/(sns|sqs)\//;

function serviceOf(wire: WireRequest): NoticeService | null {
  const [, service] = SIGNED_FOR.exec(wire.headers['authorization']?.[0] ?? '') ?? [];
  if (service === 'sns' || service === 'sqs') return service;
  if (wire.headers['x-amz-target']?.[0]?.startsWith('AmazonSQS.') === true) return 'sqs';
  return isLink(wire) || CERTIFICATE.test(pathOf(wire)) ? 'sns' : null;
}

function protocolOf(service: NoticeService, wire: WireRequest): NoticeProtocol {
  if (service === 'sns') return SNS_QUERY;
  return wire.headers['x-amz-target'] === undefined ? SQS_QUERY : SQS_JSON;
}

/** The action is read as the operation will read it, so that nothing else is done for whoever holds no key. */
function isLink(wire: WireRequest): boolean {
  if (wire.method !== 'GET' || pathOf(wire) !== '/') return false;
  return LINKS.has(parseForm(wire.url, Buffer.alloc(0)).get('Action') ?? '');
}

async function certificateAnswer(office: NoticeOffice, path: string): Promise<Answer> {
  if (path === (await office.key.certificatePath())) {
    return textAnswer(200, 'application/x-pem-file', await office.key.certificate());
  }
  return SNS_QUERY.refuse(new NoticeError(404, 'NotFound', 'There is no such certificate.'), '');
}

/**
 * Where the client reached this server: under the name that it gave, since another may not lead here; by the scheme of
 * the endpoint when that is its name, since a proxy before it may take TLS away.
 */
function originOf(wire: WireRequest, endpoint: string): string {
  const host = wire.headers['host']?.[0] ?? new URL(endpoint).host;
  const { protocol } = new URL(endpoint);
  const isEndpoint = URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).origin === endpoint;
  return isEndpoint ? endpoint : `http://${host}`;
}

function pathOf(wire: WireRequest): string {
  return wire.url.split('?', 1)[0] ?? '';
}
