// What the control endpoint understands: each method and path, and what is done for it.

import { ApiError, invalidParameter } from '../protocol/errors.js';
import { type Fields, numberOf, onlyFields, textOf } from '../protocol/json-fields.js';
import type { Control } from './control.js';
import type { FaultOrder } from './fault-rule.js';

type Deed = (control: Control, fields: Fields) => unknown;

const CENTURY_S = 100 * 366 * 24 * 60 * 60;

const DEEDS: Readonly<Record<string, Readonly<Record<string, Deed>>>> = {
  '/': { GET: overview },
  '/clock': { GET: showClock, POST: advanceClock },
  '/inventories': { POST: takeInventory },
  '/jobs': { POST: endJob },
  '/conditions': { GET: (control) => control.conditions, PUT: changeConditions },
  '/faults': { GET: (control) => ({ faults: control.faults }), POST: addFault, DELETE: clearFaults },
  '/requests': { GET: (control) => control.requests(), DELETE: forgetRequests },
  '/accounts': { GET: showAccounts, POST: addAccount },
  '/keys': { POST: addKey },
  '/temporary-keys': { POST: addTemporaryKey },
};

/** Does what is asked for, and gives what to answer; undefined for nothing. @throws ApiError */
export async function doAsAsked(
  control: Control,
  method: string,
  path: string,
  fields: () => Fields,
): Promise<unknown> {
  const deeds = Object.hasOwn(DEEDS, path) ? DEEDS[path] : undefined;
  if (deeds === undefined) {
    throw new ApiError(404, 'UnknownOperationException', `There is no ${path}; GET / says what there is.`);
  }
  const deed = Object.hasOwn(deeds, method) ? deeds[method] : undefined;
  if (deed !== undefined) return deed(control, method === 'POST' || method === 'PUT' ? fields() : {});
  const known = Object.keys(deeds).join(', ');
  throw new ApiError(405, 'UnknownOperationException', `${path} takes ${known}, not ${method}.`);
}

function overview(control: Control): object {
  const paths = Object.entries(DEEDS).flatMap(([path, deeds]) =>
    Object.keys(deeds).map((method) => `${method} ${path}`),
  );
  return { ...showClock(control), conditions: control.conditions, faults: control.faults, paths };
}

function showClock(control: Control): { now: string } {
  return { now: new Date(control.now()).toISOString() };
}

async function advanceClock(control: Control, fields: Fields): Promise<object> {
  onlyFields(fields, ['advanceSeconds']);
  const seconds = numberOf(fields, 'advanceSeconds', 0, CENTURY_S);
  if (seconds === null) throw invalidParameter('advanceSeconds is missing');
  await control.advanceClock(seconds * 1000);
  return showClock(control);
}

function takeInventory(control: Control, fields: Fields): Promise<void> {
  onlyFields(fields, ['vault', 'account']);
  return control.takeInventory({ vault: needed(fields, 'vault'), account: accountIn(fields) });
}

function endJob(control: Control, fields: Fields): Promise<void> {
  onlyFields(fields, ['vault', 'job', 'failure', 'account']);
  const failure = textOf(fields, 'failure') ?? undefined;
  return control.endJob({
    vault: needed(fields, 'vault'),
    job: needed(fields, 'job'),
    account: accountIn(fields),
    failure,
  });
}

/** They are read, and refused, where they are changed. */
function changeConditions(control: Control, fields: Fields): object {
  const { account: _, ...change } = fields;
  const account = accountIn(fields);
  control.changeConditions({ ...change, ...(account === undefined ? {} : { account }) });
  return control.conditions;
}

/** The rule is read, and refused, where it is added. */
function addFault(control: Control, fields: Fields): object {
  control.addFault(fields as unknown as FaultOrder);
  return { faults: control.faults };
}

function clearFaults(control: Control): void {
  control.clearFaults();
}

function forgetRequests(control: Control): void {
  control.forgetRequests();
}

/** Numbers only: keys are in the folder, for its owner. */
function showAccounts(control: Control): object {
  return { accounts: control.accounts.map(({ accountId }) => accountId) };
}

function addAccount(control: Control, fields: Fields): Promise<object> {
  onlyFields(fields, []);
  return control.addAccount();
}

function addKey(control: Control, fields: Fields): Promise<object> {
  onlyFields(fields, ['account']);
  return control.addKey(accountIn(fields));
}

async function addTemporaryKey(control: Control, fields: Fields): Promise<object> {
  onlyFields(fields, ['seconds', 'account']);
  const seconds = numberOf(fields, 'seconds', 0, CENTURY_S) ?? 3600;
  const { expiresAt, ...key } = await control.addTemporaryKey(seconds, accountIn(fields));
  return { ...key, expiration: new Date(expiresAt).toISOString() };
}

function accountIn(fields: Fields): string | undefined {
  return textOf(fields, 'account') ?? undefined;
}

function needed(fields: Fields, name: string): string {
  const value = textOf(fields, name);
  if (value === null) throw invalidParameter(`${name} is missing`);
  return value;
}
