// What may go wrong on order: the faults, when they strike, and the JSON that orders them.

import { invalidParameter } from '../protocol/errors.js';
import { type Fields, numberOf, onlyFields, textOf } from '../protocol/json-fields.js';
import {
  DELIVERY_NAMES,
  type DeliveryName,
  NOTICE_OPERATION_NAMES,
  type NoticeOperationName,
} from '../protocol/notice-names.js';
import { OPERATION_NAMES, type OperationName } from '../protocol/operation-name.js';

/** Something that goes wrong with one request, after its signature was verified. */
export type Fault =
  /** The request is refused, and nothing done. */
  | { readonly fault: 'error'; readonly status: number; readonly code: string; readonly message: string }
  /** The connection is reset, and nothing done. */
  | { readonly fault: 'reset' }
  /** All is done and on stable storage, then the connection is reset. */
  | { readonly fault: 'lost-answer' }
  /** Nothing happens for so long, then all is as usual; null until the client goes away. */
  | { readonly fault: 'stall'; readonly seconds: number | null }
  /** The connection ends after so many bytes of the answer's body; null after half of them. */
  | { readonly fault: 'truncate'; readonly afterBytes: number | null }
  /** One bit of the answer's body is another. */
  | { readonly fault: 'corrupt' }
  /** The tree hash in the answer's header is another. */
  | { readonly fault: 'wrong-hash' }
  /** The request's body is read, and the answer's written, at this pace. */
  | { readonly fault: 'slow'; readonly bytesPerSecond: number };

/** Something that goes wrong when a topic takes a message to one of its subscribers. */
export type DeliveryFault =
  /** It never arrives, and nobody is told. */
  | { readonly fault: 'lost' }
  /** It arrives twice. */
  | { readonly fault: 'doubled' }
  /** It arrives so much later, in real time. */
  | { readonly fault: 'late'; readonly seconds: number }
  /** Its signature is wrong, and it says `message` unless that is null. */
  | { readonly fault: 'forged'; readonly message: string | null };

type Frequency =
  /** The next so many requests or deliveries. */
  | { readonly next: number }
  /** Every so-manyth, from now on. */
  | { readonly every: number }
  /** Each with this probability, from 0 to 1; the same seed strikes the same ones again. */
  | { readonly probability: number; readonly seed: number };

type RequestName = OperationName | NoticeOperationName;

/** What goes wrong with requests, and how often. */
export type RequestRule = Fault &
  Frequency & { /** Null for every operation. */ readonly operation: RequestName | null };
/** What goes wrong with deliveries, and how often. */
export type DeliveryRule = DeliveryFault & Frequency & { readonly operation: DeliveryName };
/** Any rule, as it is shown. */
export type FaultRule = RequestRule | DeliveryRule;

type RequestOrder = { readonly operation?: RequestName } & (
  | { readonly fault: 'error'; readonly status: number; readonly code?: string; readonly message?: string }
  | { readonly fault: 'reset' | 'lost-answer' | 'corrupt' | 'wrong-hash' }
  | { readonly fault: 'stall'; readonly seconds?: number }
  | { readonly fault: 'truncate'; readonly afterBytes?: number }
  | { readonly fault: 'slow'; readonly bytesPerSecond: number }
);

type DeliveryOrder = { readonly operation: DeliveryName } & (
  | { readonly fault: 'lost' | 'doubled' }
  | { readonly fault: 'late'; readonly seconds: number }
  | { readonly fault: 'forged'; readonly message?: string }
);

/** A rule as it is ordered: what is left out is as the words say, and `next` is 1. */
export type FaultOrder = (RequestOrder | DeliveryOrder) &
  ({ readonly next?: number } | { readonly every: number } | { readonly probability: number; readonly seed?: number });

/** What can be said of each fault, beside its operation and how often it strikes. */
const WITH: Readonly<Record<FaultRule['fault'], readonly string[]>> = {
  error: ['status', 'code', 'message'],
  reset: [],
  'lost-answer': [],
  stall: ['seconds'],
  truncate: ['afterBytes'],
  corrupt: [],
  'wrong-hash': [],
  slow: ['bytesPerSecond'],
  lost: [],
  doubled: [],
  late: ['seconds'],
  forged: ['message'],
};

/** @internal */
export function isDeliveryRule(rule: FaultRule): rule is DeliveryRule {
  return DELIVERY_NAMES.some((name) => name === rule.operation);
}

/**
 * Reads a rule such as `{"operation":"UploadArchive","fault":"error","status":500,"next":2}`.
 * @throws ApiError
 * @internal
 */
export function parseFaultRule(fields: Fields): FaultRule {
  const rule = ruleOf(fields);
  const oftenness = 'probability' in rule ? ['seed'] : [];
  onlyFields(fields, ['operation', 'fault', ...WITH[rule.fault], 'next', 'every', 'probability', ...oftenness]);
  return rule;
}

function ruleOf(fields: Fields): FaultRule {
  const text = textOf(fields, 'operation');
  const delivery = DELIVERY_NAMES.find((name) => name === text);
  if (delivery !== undefined) return { operation: delivery, ...deliveryFaultOf(fields), ...frequencyOf(fields) };
  return { operation: operationIn(text), ...faultOf(fields), ...frequencyOf(fields) };
}

function operationIn(text: string | null): RequestName | null {
  const operation = [...OPERATION_NAMES, ...NOTICE_OPERATION_NAMES].find((name) => name === text);
  if (text !== null && operation === undefined) throw invalidParameter(`There is no operation ${text}`);
  return operation ?? null;
}

function faultOf(fields: Fields): Fault {
  const fault = textOf(fields, 'fault');
  switch (fault) {
    case 'error':
      return errorOf(fields);
    case 'stall':
      return { fault, seconds: numberOf(fields, 'seconds', 0, 86_400) };
    case 'truncate':
      return { fault, afterBytes: numberOf(fields, 'afterBytes', 0, Number.MAX_SAFE_INTEGER) };
    case 'slow':
      return { fault, bytesPerSecond: needed(numberOf(fields, 'bytesPerSecond', 1, 1e12), 'bytesPerSecond') };
    case 'reset':
    case 'lost-answer':
    case 'corrupt':
    case 'wrong-hash':
      return { fault };
    case 'lost':
    case 'doubled':
    case 'late':
    case 'forged':
      throw invalidParameter(`${fault} happens to deliveries: operation must be ${DELIVERY_NAMES.join(' or ')}`);
    case null:
    default:
      throw invalidParameter(
        `fault must be one of error, reset, lost-answer, stall, truncate, corrupt, wrong-hash, slow; not ${fault}`,
      );
  }
}

function deliveryFaultOf(fields: Fields): DeliveryFault {
  const fault = textOf(fields, 'fault');
  switch (fault) {
    case 'lost':
    case 'doubled':
      return { fault };
    case 'late':
      return { fault, seconds: needed(numberOf(fields, 'seconds', 0, 86_400), 'seconds') };
    case 'forged':
      return { fault, message: textOf(fields, 'message') };
    case null:
    default:
      throw invalidParameter(`fault of a delivery must be one of lost, doubled, late, forged; not ${fault}`);
  }
}

function errorOf(fields: Fields): Fault {
  const status = needed(numberOf(fields, 'status', 400, 599), 'status');
  const code = textOf(fields, 'code') ?? (status >= 500 ? 'ServiceUnavailableException' : 'BadRequest');
  return { fault: 'error', status, code, message: textOf(fields, 'message') ?? 'A fault that was ordered.' };
}

function frequencyOf(fields: Fields): Frequency {
  const next = numberOf(fields, 'next', 1, Number.MAX_SAFE_INTEGER);
  const every = numberOf(fields, 'every', 1, Number.MAX_SAFE_INTEGER);
  const probability = numberOf(fields, 'probability', 0, 1);
  const given = [next, every, probability].filter((value) => value !== null);
  if (given.length > 1) throw invalidParameter('Only one of next, every and probability can be given.');
  if (every !== null) return { every: whole(every, 'every') };
  if (probability !== null) return { probability, seed: numberOf(fields, 'seed', 0, 2 ** 32 - 1) ?? 0 };
  return { next: whole(next ?? 1, 'next') };
}

function needed(value: number | null, name: string): number {
  if (value !== null) return value;
  throw invalidParameter(`${name} is missing`);
}

function whole(value: number, name: string): number {
  if (Number.isInteger(value)) return value;
  throw invalidParameter(`${name} must be a whole number`);
}
