// Policies of vaults, as far as they can refuse anything to the account that owns the vault: their Deny statements.

import { invalidParameter } from '../protocol/errors.js';
import { isTooDeep } from '../protocol/json-fields.js';
import { type Condition, type Facts, parseConditions } from './policy-condition.js';
import { matchesPattern } from './policy-pattern.js';

/** Source: Glacier developer guide, "Set Vault Access Policy" and "Initiate Vault Lock". */
const POLICY_MAX = 20 * 1024;
const VERSIONS: ReadonlySet<unknown> = new Set(['2012-10-17', '2008-10-17']);

/**
 * What is allowed is not kept: all keys belong to the vault's own account, which may do everything that nothing denies.
 */
export interface Policy {
  readonly denials: readonly Denial[];
}

interface Denial {
  readonly principals: Selection;
  readonly actions: Selection;
  readonly resources: Selection;
  /** All of them must hold. */
  readonly conditions: readonly Condition[];
}

/** What one of the patterns matches, or (inverted) what none does. */
interface Selection {
  readonly patterns: readonly string[];
  readonly inverted: boolean;
}

/** What somebody is about to do, as policies see it. */
export interface Deed {
  readonly accountId: string;
  /** As policies name it: `glacier:` and the operation. */
  readonly action: string;
  /** ARN of the vault. */
  readonly resource: string;
  readonly facts: Facts;
}

/**
 * Source: IAM user guide, "IAM JSON policy elements reference". Refuses what it could not enforce, instead of keeping a
 * Deny that denies nothing.
 * @throws ApiError
 */
export function parsePolicy(text: string): Policy {
  if (Buffer.byteLength(text) > POLICY_MAX) throw invalidPolicy(`it is longer than ${POLICY_MAX} bytes`);
  const { Version: version, Statement: statement } = fieldsOf(parseJson(text), 'it', ['Version', 'Id', 'Statement']);
  if (version !== undefined && !VERSIONS.has(version)) throw invalidPolicy('its Version is not 2012-10-17');
  const statements = [statement ?? []].flat();
  if (statements.length === 0) throw invalidPolicy('it has no Statement');
  return { denials: statements.flatMap(denialOf) };
}

/** Whether any statement denies it: nothing else can take that back. */
export function denies({ denials }: Policy, deed: Deed): boolean {
  return denials.some(
    ({ principals, actions, resources, conditions }) =>
      selects(principals, (pattern) => isOwner(pattern, deed.accountId)) &&
      selects(actions, (pattern) => matchesPattern(deed.action, pattern, { ignoreCase: true })) &&
      selects(resources, (pattern) => matchesPattern(deed.resource, pattern, { ignoreCase: false })) &&
      conditions.every((holds) => holds(deed.facts)),
  );
}

function selects({ patterns, inverted }: Selection, matches: (pattern: string) => boolean): boolean {
  return patterns.some(matches) !== inverted;
}

/** Everyone here is the account itself: it has no users and no roles. */
function isOwner(principal: string, accountId: string): boolean {
  return principal === '*' || principal === accountId || principal === `arn:aws:iam::${accountId}:root`;
}

const ELEMENTS = ['Action', 'NotAction', 'Principal', 'NotPrincipal', 'Resource', 'NotResource'];

function denialOf(value: unknown): Denial[] {
  const statement = fieldsOf(value, 'a Statement', ['Sid', 'Effect', 'Condition', ...ELEMENTS]);
  const principals = selectionOf(statement, 'Principal', principalsOf);
  const actions = selectionOf(statement, 'Action', textsOf);
  const resources = selectionOf(statement, 'Resource', textsOf);
  if (statement['Effect'] === 'Allow') return [];
  if (statement['Effect'] !== 'Deny') throw invalidPolicy('the Effect of a Statement is neither Allow nor Deny');
  if (JSON.stringify(value).includes('${')) throw invalidPolicy('this local vault knows no policy variables in a Deny');
  return [{ principals, actions, resources, conditions: parseConditions(statement['Condition']) }];
}

function selectionOf(
  statement: Readonly<Record<string, unknown>>,
  name: string,
  listOf: (value: unknown, name: string) => string[],
): Selection {
  const [plain, inverse] = [statement[name], statement[`Not${name}`]];
  if ((plain === undefined) === (inverse === undefined)) {
    throw invalidPolicy(`a Statement has not exactly one of ${name} and Not${name}`);
  }
  return { patterns: listOf(plain ?? inverse, name), inverted: plain === undefined };
}

/** Services and federated users never call here, so they are passed over. */
function principalsOf(value: unknown): string[] {
  if (value === '*') return ['*'];
  const fields = fieldsOf(value, 'a Principal', ['AWS', 'Service', 'Federated', 'CanonicalUser']);
  for (const [kind, names] of Object.entries(fields)) textsOf(names, kind);
  return fields['AWS'] === undefined ? [] : textsOf(fields['AWS'], 'AWS');
}

function textsOf(value: unknown, name: string): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > 0 && list.every((item) => typeof item === 'string')) return list;
  throw invalidPolicy(`${name} is neither a string nor a list of strings`);
}

function fieldsOf(value: unknown, what: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidPolicy(`${what} is not a JSON object`);
  }
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw invalidPolicy(`${what} has the unknown element ${unknown}`);
  return value as Record<string, unknown>;
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidPolicy('it is not valid JSON');
  }
  if (isTooDeep(value)) throw invalidPolicy('it is nested too deeply');
  return value;
}

function invalidPolicy(why: string): Error {
  return invalidParameter(`Invalid policy document: ${why}.`);
}
