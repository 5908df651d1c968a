// How often, and after which pauses, a letter that an endpoint did not take is sent again.

import { isTooDeep } from '../protocol/json-fields.js';
import { invalidSns } from './notice-errors.js';

const TOTAL_MAX_MS = 3_600_000;
/** Characters; ten times what all its fields take. */
const TEXT_MAX = 8192;

type BackoffFunction = 'linear' | 'arithmetic' | 'geometric' | 'exponential';

interface RetryPolicy {
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  readonly numRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly numMaxDelayRetries: number;
  readonly backoffFunction: BackoffFunction;
}

/** Source: SNS developer guide, "Creating an HTTP/S delivery policy". */
export const DEFAULT_POLICY: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  numMaxDelayRetries: 0,
  backoffFunction: 'linear',
};

/**
 * Pauses in ms, one before each attempt after the first: at once, then the shortest, then growing from the shortest
 * to the longest, then the longest. They have no jitter, unlike those of the real service.
 * Source: SNS developer guide, "Message delivery retries", "Delivery policy stages".
 * @throws NoticeError when the policy is none
 */
export function pausesOf(policy: RetryPolicy): number[] {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy;
  const growing = numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries;
  if (growing < 0) throw invalidSns('DeliveryPolicy: numRetries must be at least the sum of the retries of its phases');
  const seconds = [
    ...repeat(0, numNoDelayRetries),
    ...repeat(policy.minDelayTarget, numMinDelayRetries),
    ...Array.from({ length: growing }, (_, i) => grown(policy, growing === 1 ? 0 : i / (growing - 1))),
    ...repeat(policy.maxDelayTarget, numMaxDelayRetries),
  ];
  const pauses = seconds.map((one) => Math.round(one * 1000));
  const total = pauses.reduce((sum, one) => sum + one, 0);
  if (total > TOTAL_MAX_MS) throw invalidSns('DeliveryPolicy: all retries must happen within 3600 seconds');
  return pauses;
}

/**
 * Reads the policy of a topic (`{"http":{"defaultHealthyRetryPolicy":…}}`) or of a subscription
 * (`{"healthyRetryPolicy":…}`); what it does not say is as by default.
 * @throws NoticeError when it is none
 */
export function parseDeliveryPolicy(text: string): RetryPolicy {
  const whole = parseJson(text);
  const http = (whole['http'] ?? whole) as Record<string, unknown>;
  const given = (http['healthyRetryPolicy'] ?? http['defaultHealthyRetryPolicy'] ?? {}) as Partial<RetryPolicy>;
  const policy = { ...DEFAULT_POLICY, ...given };
  checkNumbers(policy);
  if (!Object.hasOwn(GROWTH, policy.backoffFunction)) throw invalidSns('DeliveryPolicy: backoffFunction');
  pausesOf(policy);
  return policy;
}

function checkNumbers(policy: RetryPolicy): void {
  const { minDelayTarget, maxDelayTarget, numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } =
    policy;
  if (!isWhole(minDelayTarget, 1, 3600)) throw invalidSns('DeliveryPolicy: minDelayTarget');
  if (!isWhole(maxDelayTarget, minDelayTarget, 3600)) throw invalidSns('DeliveryPolicy: maxDelayTarget');
  for (const count of [numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries]) {
    if (!isWhole(count, 0, 100)) throw invalidSns('DeliveryPolicy: the number of retries');
  }
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

function parseJson(text: string): Record<string, unknown> {
  if (text.length > TEXT_MAX) throw invalidSns(`DeliveryPolicy: it is longer than ${TEXT_MAX} characters`);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !isTooDeep(value)) return value as Record<string, unknown>;
  } catch {
    // Refused below, like JSON that is no object, or nested too deeply to be shown again.
  }
  throw invalidSns('DeliveryPolicy: it is not a JSON object');
}

/** Share of the way from the shortest to the longest pause, by the share of the retries that are over. */
const GROWTH: Readonly<Record<BackoffFunction, (progress: number) => number>> = {
  linear: (progress) => progress,
  arithmetic: (progress) => (progress * (1 + progress)) / 2,
  geometric: (progress) => progress ** 2,
  exponential: (progress) => (2 ** (8 * progress) - 1) / 255,
};

function grown({ minDelayTarget, maxDelayTarget, backoffFunction }: RetryPolicy, progress: number): number {
  return minDelayTarget + (maxDelayTarget - minDelayTarget) * GROWTH[backoffFunction](progress);
}

function repeat(seconds: number, times: number): number[] {
  return Array.from({ length: times }, () => seconds);
}
