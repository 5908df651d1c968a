// GetDataRetrievalPolicy, SetDataRetrievalPolicy, and whether the policy lets a retrieval begin.

import type { RetrievalPolicy } from '../folder/account-settings.js';
import { invalidParameter, missingParameter, policyEnforced } from '../protocol/errors.js';
import type { Answer, Call } from '../protocol/exchange.js';
import { type Fields, fieldsOf, parseObject, textOf } from '../protocol/json-fields.js';
import type { JobWork } from '../vault/records.js';
import type { Service } from './service.js';

/**
 * What `FreeTier` lets through in any hour: 10 GiB a month of 30 days, hour by hour.
 * Source: Glacier pricing, "Data retrievals"; the guide says only that retrievals stay within the free allowance.
 */
const FREE_BYTES_PER_HOUR = Math.floor((10 * 1024 ** 3) / (30 * 24));

/** The greatest that JSON numbers can tell from its neighbours. More is taken for it: 8 PiB an hour. */
const BYTES_MAX = Number.MAX_SAFE_INTEGER;

export function getDataRetrievalPolicy(service: Service): Answer {
  const policy = service.folder.settings.retrievalPolicy;
  const rule = {
    BytesPerHour: policy.strategy === 'BytesPerHour' ? policy.bytesPerHour : null,
    Strategy: policy.strategy,
  };
  return { status: 200, json: { Policy: { Rules: [rule] } } };
}

/** Jobs that are under way are not touched. */
export async function setDataRetrievalPolicy(service: Service, call: Call): Promise<Answer> {
  const policy = parsePolicy(call.body);
  await service.folder.settings.record({ type: 'retrieval-policy', ...policy, at: service.now() });
  return { status: 204 };
}

/**
 * Asked in the same turn in which the job is recorded, so that two requests cannot both have what is left.
 * Source: Glacier developer guide, "Data Retrieval Policies": they limit Standard retrievals alone.
 * @throws ApiError
 */
export function checkRetrievalPolicy(service: Service, work: JobWork): void {
  if (work.action !== 'archive-retrieval' || work.tier !== 'Standard') return;
  const limit = bytesPerHour(service.folder.settings.retrievalPolicy);
  if (limit === null) return;
  let retrieved = work.end - work.start;
  for (const vault of service.folder.vaults.values()) retrieved += vault.state.jobs.retrievedInHour(service.now());
  if (retrieved > limit) throw policyEnforced();
}

function bytesPerHour(policy: RetrievalPolicy): number | null {
  switch (policy.strategy) {
    case 'None':
      return null;
    case 'FreeTier':
      return FREE_BYTES_PER_HOUR;
    case 'BytesPerHour':
      return policy.bytesPerHour;
  }
}

function parsePolicy(body: Buffer): RetrievalPolicy {
  const fields = parseObject(body);
  if ((fields['Policy'] ?? null) === null) throw missingParameter('Policy');
  const rules = fieldsOf(fields, 'Policy')['Rules'] ?? [];
  if (!Array.isArray(rules) || rules.length !== 1) throw invalidParameter('A policy must have exactly one rule.');
  return ruleOf(fieldsOf({ Rule: rules[0] as unknown }, 'Rule'));
}

function ruleOf(rule: Fields): RetrievalPolicy {
  const strategy = textOf(rule, 'Strategy');
  const bytes = rule['BytesPerHour'] ?? null;
  if (strategy === 'BytesPerHour') return { strategy, bytesPerHour: parseBytes(bytes) };
  if (strategy !== 'None' && strategy !== 'FreeTier') throw invalidParameter(`Invalid strategy: ${strategy}`);
  if (bytes !== null) throw invalidParameter(`BytesPerHour does not go with the strategy ${strategy}.`);
  return { strategy };
}

function parseBytes(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 2 ** 63) {
    return Math.min(value, BYTES_MAX);
  }
  throw invalidParameter(`Invalid BytesPerHour: ${JSON.stringify(value)}. It must be from 1 to 9223372036854775807.`);
}
