// Where requests to SNS and SQS come in: told from Glacier's by what they are signed for, authenticated, answered.

import { createHash } from 'node:crypto';
import { checkPayloadHash, receiveSmall } from '../bodies/body.js';
import type { Answer } from '../http/exchange.js';
import type { RequestAtWork } from '../http/request-at-work.js';
import type { WireRequest } from '../signing/canonical-request.js';
import type { Keyring } from '../signing/keyring.js';
import { readClaim, verifySignature } from '../signing/signature.js';
import { asNoticeError, NoticeError } from './notice-errors.js';
import type { NoticeOffice } from './notice-office.js';
import { type NoticeProtocol, SNS_QUERY, SQS_JSON, SQS_QUERY, textAnswer } from './notice-protocols.js';

type NoticeService = 'sns' | 'sqs';

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
export async function answerNotice(office: NoticeOffice, keys: Keyring, work: RequestAtWork): Promise<Answer> {
  const { wire } = work;
  if (wire.method === 'GET' && CERTIFICATE.test(pathOf(wire))) return certificateAnswer(office, pathOf(wire));
  const service = serviceOf(wire) ?? 'sns';
  const protocol = protocolOf(service, wire);
  try {
    return await authenticatedAnswer(office, keys, work, service, protocol);
  } catch (cause) {
    const error = asNoticeError(cause);
    if (error === null) throw cause;
    work.error = error.queryCode;
    return protocol.refuse(error, work.id);
  }
}

async function authenticatedAnswer(
  office: NoticeOffice,
  keys: Keyring,
  work: RequestAtWork,
  service: NoticeService,
  protocol: NoticeProtocol,
): Promise<Answer> {
  const { wire } = work;
  const signed = wire.headers['authorization'] !== undefined || !isLink(wire);
  const { accountId, body } = signed ? await verified(keys, work, service) : { accountId: null, body: Buffer.alloc(0) };
  const request = { url: wire.url, body, target: wire.headers['x-amz-target']?.[0] ?? null, requestId: work.id };
  work.account = accountId;
  work.operation = `${service}:${protocol.actionOf(request)}`;
  const call = { accountId, host: wire.headers['host']?.[0] ?? new URL(office.endpoint).host, signal: work.gone };
  const answer = await protocol.answer(office, call, request);
  // Nothing is answered before all that the answer rests on is on stable storage.
  await office.store.settled();
  return answer;
}

async function verified(
  keys: Keyring,
  { wire, incoming }: RequestAtWork,
  service: NoticeService,
): Promise<{ accountId: string; body: Buffer }> {
  const claim = readClaim(wire, keys, Date.now(), [service]);
  const body = await receiveSmall(incoming, BODY_MAX);
  const computed = createHash('sha256').update(body).digest('hex');
  const announced = wire.headers['x-amz-content-sha256']?.[0] ?? computed;
  verifySignature(wire, claim, announced);
  checkPayloadHash(announced, computed);
  return { accountId: claim.key.accountId, body };
}

function serviceOf(wire: WireRequest): NoticeService | null {
  const authorization = wire.headers['authorization']?.[0] ?? '';
  const [, service] = /Credential=[^/,\s]+\/\d{8}\/[^/,\s]+\/(sns|sqs)\//.exec(authorization) ?? [];
  if (service === 'sns' || service === 'sqs') return service;
  if (wire.headers['x-amz-target']?.[0]?.startsWith('AmazonSQS.') === true) return 'sqs';
  return isLink(wire) || CERTIFICATE.test(pathOf(wire)) ? 'sns' : null;
}

function protocolOf(service: NoticeService, wire: WireRequest): NoticeProtocol {
  if (service === 'sns') return SNS_QUERY;
  return wire.headers['x-amz-target'] === undefined ? SQS_QUERY : SQS_JSON;
}

function isLink(wire: WireRequest): boolean {
  const action = new URLSearchParams(wire.url.split('?')[1] ?? '').get('Action') ?? '';
  return wire.method === 'GET' && pathOf(wire) === '/' && LINKS.has(action);
}

async function certificateAnswer(office: NoticeOffice, path: string): Promise<Answer> {
  if (path === (await office.key.certificatePath())) {
    return textAnswer(200, 'application/x-pem-file', await office.key.certificate());
  }
  return SNS_QUERY.refuse(new NoticeError(404, 'NotFound', 'There is no such certificate.'), '');
}

function pathOf(wire: WireRequest): string {
  return wire.url.split('?', 1)[0] ?? '';
}
