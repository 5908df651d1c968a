// Which policies are taken, and what they deny.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Deed, denies, parsePolicy } from '../../../src/edges/local-server/policies/policy-document.js';
import { matchesPattern } from '../../../src/edges/local-server/policies/policy-pattern.js';

const ACCOUNT = '123456789012';
const VAULT = `arn:aws:glacier:us-east-1:${ACCOUNT}:vaults/V`;

const deletion: Deed = {
  accountId: ACCOUNT,
  action: 'glacier:DeleteArchive',
  resource: VAULT,
  facts: { archiveAgeDays: 100, tags: new Map([['hold', 'true']]) },
};
const DENY = { Effect: 'Deny', Principal: '*', Action: 'glacier:*', Resource: '*' };
const policyOf = (statement: unknown): string => JSON.stringify({ Version: '2012-10-17', Statement: statement });
const denied = (statement: unknown, deed: Partial<Deed> = {}): boolean =>
  denies(parsePolicy(policyOf(statement)), { ...deletion, ...deed });
const deniedIf = (condition: object, facts: Partial<Deed['facts']> = {}): boolean =>
  denied({ ...DENY, Condition: condition }, { facts: { ...deletion.facts, ...facts } });

describe('policy document', () => {
  test.each([
    ['everyone', { Principal: '*' }, true],
    ['everyone of AWS', { Principal: { AWS: '*' } }, true],
    ['the account', { Principal: { AWS: ACCOUNT } }, true],
    [
      'the root of the account, among others',
      { Principal: { AWS: ['999999999999', `arn:aws:iam::${ACCOUNT}:root`] } },
      true,
    ],
    ['another account', { Principal: { AWS: 'arn:aws:iam::999999999999:root' } }, false],
    ['a user, of whom there is none here', { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/bob` } }, false],
    ['a service', { Principal: { Service: 'sns.amazonaws.com' } }, false],
    ['all but another account', { Principal: undefined, NotPrincipal: { AWS: '999999999999' } }, true],
    ['all but the account', { Principal: undefined, NotPrincipal: { AWS: ACCOUNT } }, false],
    ['the action', { Action: 'glacier:DeleteArchive' }, true],
    ['the action in other letters', { Action: ['glacier:ListJobs', 'GLACIER:deletearchive'] }, true],
    ['actions of a pattern', { Action: 'glacier:Delete*' }, true],
    ['all actions', { Action: '*' }, true],
    ['another action', { Action: 'glacier:DeleteVault' }, false],
    ['an action of which this is only the start', { Action: 'glacier:Delete' }, false],
    ['all but the action', { Action: undefined, NotAction: 'glacier:DeleteArchive' }, false],
    ['all but another action', { Action: undefined, NotAction: 'glacier:UploadArchive' }, true],
    ['the vault', { Resource: VAULT }, true],
    ['vaults of a pattern', { Resource: [`arn:aws:glacier:*:${ACCOUNT}:vaults/?`] }, true],
    ['another vault', { Resource: `${VAULT}2` }, false],
    ['a vault in other letters', { Resource: VAULT.replace('/V', '/v') }, false],
    ['all but the vault', { Resource: undefined, NotResource: VAULT }, false],
  ])('a Deny of %s', (_, change, expected) => {
    expect(denied({ ...DENY, ...change })).toBe(expected);
  });

  test('an Allow denies nothing and takes nothing back', () => {
    const allow = { ...DENY, Effect: 'Allow', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };
    expect(denied(allow)).toBe(false);
    expect(denied([allow, DENY, allow])).toBe(true);
  });

  const AGE = 'glacier:ArchiveAgeInDays';
  const HOLD = 'glacier:ResourceTag/hold';
  test.each([
    ['NumericLessThan', AGE, '100', false],
    ['NumericLessThan', AGE, 101, true],
    ['NumericLessThanEquals', AGE, '100', true],
    ['NumericGreaterThan', AGE, ['100', '99'], true],
    ['NumericGreaterThan', 'GLACIER:archiveageindays', '100', false],
    ['NumericGreaterThanEquals', AGE, '100', true],
    ['NumericEquals', AGE, '100.0', true],
    ['NumericNotEquals', AGE, ['100', '99'], false],
    ['StringEquals', HOLD, 'true', true],
    ['StringEquals', HOLD, true, true],
    ['StringEquals', HOLD, 'TRUE', false],
    ['StringEqualsIgnoreCase', HOLD, 'TRUE', true],
    ['StringNotEquals', HOLD, ['true', 'false'], false],
    ['StringNotEqualsIgnoreCase', HOLD, 'TRUE', false],
    ['StringLike', HOLD, 't*e', true],
    ['StringNotLike', HOLD, 't*e', false],
    ['Null', HOLD, 'true', false],
    ['Null', HOLD, 'false', true],
  ])('%s of %s %j', (operator, key, value, expected) => {
    expect(deniedIf({ [operator]: { [key]: value } })).toBe(expected);
  });

  test.each([
    ['NumericLessThan', AGE, '1000', false],
    ['NumericLessThanIfExists', AGE, '1000', true],
    ['NumericNotEquals', AGE, '1000', true],
    ['StringEquals', HOLD, 'true', false],
    ['StringEqualsIfExists', HOLD, 'true', true],
    ['StringNotEquals', HOLD, 'true', true],
    ['StringNotLike', HOLD, '*', true],
    ['Null', HOLD, 'true', true],
    ['Null', AGE, 'false', false],
  ])('%s of %s %j where there is none', (operator, key, value, expected) => {
    expect(deniedIf({ [operator]: { [key]: value } }, { archiveAgeDays: null, tags: new Map() })).toBe(expected);
  });

  test('all conditions must hold', () => {
    const tag = { StringEquals: { [HOLD]: 'true' } };
    expect(deniedIf({ ...tag, NumericLessThan: { [AGE]: '101' } })).toBe(true);
    expect(deniedIf({ ...tag, NumericLessThan: { [AGE]: '100' } })).toBe(false);
    expect(deniedIf({ NumericLessThan: { [AGE]: '101' }, NumericGreaterThan: { [AGE]: '100' } })).toBe(false);
    expect(deniedIf({})).toBe(true);
  });

  test.each([
    ['that is not JSON', '{'],
    ['that is a list', '[]'],
    ['without statements', '{"Version":"2012-10-17"}'],
    ['of another version', JSON.stringify({ Version: '2013', Statement: DENY })],
    ['with an unknown element', JSON.stringify({ Statement: DENY, Comment: 'x' })],
    ['with a statement of text', policyOf('deny')],
    ['with an unknown element of a statement', policyOf({ ...DENY, Actions: '*' })],
    ['without effect', policyOf({ ...DENY, Effect: undefined })],
    ['with another effect', policyOf({ ...DENY, Effect: 'deny' })],
    ['without principal', policyOf({ ...DENY, Principal: undefined })],
    ['with a principal that is text', policyOf({ ...DENY, Principal: ACCOUNT })],
    ['with a principal of another kind', policyOf({ ...DENY, Principal: { User: 'bob' } })],
    ['with both principals', policyOf({ ...DENY, NotPrincipal: '*' })],
    ['without action', policyOf({ ...DENY, Action: undefined })],
    ['with no actions', policyOf({ ...DENY, Action: [] })],
    ['with a number of an action', policyOf({ ...DENY, Action: 1 })],
    ['without resource, of an Allow', policyOf({ ...DENY, Effect: 'Allow', Resource: undefined })],
    ['with a variable in a Deny', policyOf({ ...DENY, Resource: `${VAULT}\${aws:username}` })],
    ['with an unknown operator', policyOf({ ...DENY, Condition: { DateLessThan: { [AGE]: '1' } } })],
    ['with an operator of any object', policyOf({ ...DENY, Condition: { constructor: { [AGE]: '1' } } })],
    ['with an unknown key', policyOf({ ...DENY, Condition: { Null: { 'aws:MultiFactorAuthAge': 'true' } } })],
    ['with a number that is none', policyOf({ ...DENY, Condition: { NumericEquals: { [AGE]: 'ten' } } })],
    ['with no value', policyOf({ ...DENY, Condition: { StringEquals: { [HOLD]: [] } } })],
    ['with a condition that is text', policyOf({ ...DENY, Condition: 'never' })],
  ])('a document %s is refused', (_, text) => {
    expect(() => parsePolicy(text)).toThrow(/^Invalid policy document: /);
  });
});

describe('policy pattern', () => {
  test('matches what the regular expression of its stars and question marks matches', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 10 }), short, (text, pattern) => {
        const source = pattern.replaceAll('*', '.*').replaceAll('?', '.');
        expect(matchesPattern(text, pattern, { ignoreCase: false })).toBe(new RegExp(`^${source}$`).test(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('a hostile pattern is decided in no time', () => {
    expect(matchesPattern('a'.repeat(5000), `${'a*'.repeat(500)}b`, { ignoreCase: true })).toBe(false);
  });
});
