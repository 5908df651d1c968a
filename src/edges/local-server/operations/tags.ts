// AddTagsToVault, ListTagsForVault, RemoveTagsFromVault.

import { invalidParameter, limitExceeded, malformedBody, missingParameter } from '../protocol/errors.js';
import type { Answer, Call } from '../protocol/exchange.js';
import { fieldsOf, parseObject, textsOf } from '../protocol/json-fields.js';
import { type Service, vaultOf } from './service.js';

/** Source: Glacier developer guide, "Tagging Your S3 Glacier Vaults": 50 a vault. */
const TAGS_MAX = 50;

/** Adding and removing share a path and a method. @throws ApiError */
export function tagChangeOf(query: URLSearchParams): 'add' | 'remove' {
  const operation = query.get('operation');
  if (operation === 'add' || operation === 'remove') return operation;
  if (operation === null || operation === '') throw missingParameter('operation');
  throw invalidParameter(`Invalid operation: ${operation}. It must be add or remove.`);
}

/** Tags of a key that there is already get a new value. */
export function addTagsToVault(service: Service, call: Call): Answer {
  const vault = vaultOf(service, call);
  const tags = parseTags(call.body);
  const { tags: present } = vault.state.settings;
  const added = Object.keys(tags).filter((key) => !present.has(key));
  if (present.size + added.length > TAGS_MAX) {
    throw limitExceeded('The quota for the number of tags that can be assigned to this resource has been reached.');
  }
  vault.record({ type: 'tags-added', tags, at: service.now() });
  return { status: 204 };
}

export function listTagsForVault(service: Service, call: Call): Answer {
  const { tags } = vaultOf(service, call).state.settings;
  return { status: 200, json: { Tags: Object.fromEntries(tags) } };
}

/** Tags that are not there are removed already. */
export function removeTagsFromVault(service: Service, call: Call): Answer {
  const vault = vaultOf(service, call);
  const keys = textsOf(parseObject(call.body), 'TagKeys');
  if (keys === null) throw missingParameter('TagKeys');
  if (keys.length === 0) throw invalidParameter('The list of tag keys is empty.');
  const present = keys.filter((key) => vault.state.settings.tags.has(key));
  if (present.length > 0) vault.record({ type: 'tags-removed', keys: present, at: service.now() });
  return { status: 204 };
}

function parseTags(body: Buffer): Record<string, string> {
  const fields = parseObject(body);
  if ((fields['Tags'] ?? null) === null) throw missingParameter('Tags');
  const tags = Object.entries(fieldsOf(fields, 'Tags'));
  if (tags.length === 0) throw invalidParameter('The map of tags is empty.');
  return Object.fromEntries(tags.map(([key, value]) => [checkKey(key), checkValue(key, value)]));
}

/**
 * The prefix `aws:` is reserved, and refused for its colon.
 * Source: Glacier developer guide, "Tagging Your S3 Glacier Vaults", "Tag Restrictions".
 */
function checkKey(key: string): string {
  if (/^[\p{L}\p{Z}\p{N}_./=+\-@]{1,128}$/u.test(key)) return key;
  throw invalidParameter(
    `Invalid tag key: ${key}. It must have 1 to 128 letters, digits, blanks or characters of _./=+-@`,
  );
}

function checkValue(key: string, value: unknown): string {
  if (typeof value !== 'string') throw malformedBody(`The value of tag ${key} is not a string.`);
  if (/^[\p{L}\p{Z}\p{N}_./=+\-@]{0,255}$/u.test(value)) return value;
  throw invalidParameter(
    `Invalid value of tag ${key}. It must have at most 255 letters, digits, blanks or characters of _./=+-@`,
  );
}
