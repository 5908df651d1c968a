// InitiateVaultLock, CompleteVaultLock, AbortVaultLock, GetVaultLock.

import { accessDenied, invalidParameter, notFound } from '../protocol/errors.js';
import { type Answer, type Call, timeOf } from '../protocol/exchange.js';
import { newLockId } from '../protocol/ids.js';
import { policyIn } from './access-policy.js';
import { type Service, vaultOf } from './service.js';

export function initiateVaultLock(service: Service, call: Call): Answer {
  const vault = vaultOf(service, call);
  const lock = vault.state.settings.lockAt(service.now());
  if (lock !== null) {
    throw accessDenied(
      `The vault lock of ${call.names.vault} is ${lock.expiresAt === null ? 'locked' : 'in progress'}.`,
    );
  }
  const id = newLockId();
  vault.record({ type: 'lock', id, policy: policyIn(call.body), at: service.now() });
  return { status: 201, headers: { 'x-amz-lock-id': id } };
}

/** Completing twice is completing once; nothing ever ends a complete lock. */
export function completeVaultLock(service: Service, call: Call): Answer {
  const vault = vaultOf(service, call);
  const lock = vault.state.settings.lockAt(service.now());
  const { lock: id } = call.names;
  if (lock === null) throw notFound(`No vault lock is in progress for: ${call.names.vault}`);
  if (lock.id !== id) {
    if (lock.expiresAt === null) throw accessDenied(`The vault lock of ${call.names.vault} has another ID than ${id}`);
    throw invalidParameter(`Invalid lock ID: ${id}`);
  }
  if (lock.expiresAt !== null) vault.record({ type: 'lock-completed', at: service.now() });
  return { status: 204 };
}

/** A lock that is not there is aborted already. */
export function abortVaultLock(service: Service, call: Call): Answer {
  const vault = vaultOf(service, call);
  const lock = vault.state.settings.lockAt(service.now());
  if (lock !== null && lock.expiresAt === null) throw accessDenied(`The vault lock of ${call.names.vault} is locked.`);
  if (lock !== null) vault.record({ type: 'lock-aborted', at: service.now() });
  return { status: 204 };
}

export function getVaultLock(service: Service, call: Call): Answer {
  const lock = vaultOf(service, call).state.settings.lockAt(service.now());
  if (lock === null) throw notFound(`No vault lock policy is set for: ${call.names.vault}`);
  const json = {
    CreationDate: timeOf(lock.at),
    ExpirationDate: lock.expiresAt === null ? null : timeOf(lock.expiresAt),
    Policy: lock.text,
    State: lock.expiresAt === null ? 'Locked' : 'InProgress',
  };
  return { status: 200, json };
}
