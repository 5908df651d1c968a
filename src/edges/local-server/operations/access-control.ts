// Whether the policies of a vault deny an operation on it.

import { type Deed, denies } from '../policies/policy-document.js';
import { accessDenied } from '../protocol/errors.js';
import type { Call } from '../protocol/exchange.js';
import { parseObject, textOf } from '../protocol/json-fields.js';
import type { OperationName } from '../protocol/operation-name.js';
import type { Vault } from '../vault/vault.js';
import { arnOf, type Service } from './service.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The access policy and the vault lock are both asked; a lock counts while it is in progress too.
 * Source: Glacier developer guide, "Vault Lock Policies" and "Locking a Vault".
 * @throws ApiError when one of them denies it
 */
export function checkAccess(service: Service, operation: OperationName, call: Call): void {
  const vault = service.folder.vaults.get(call.names.vault);
  if (vault === undefined) return;
  const { settings } = vault.state;
  const policies = [settings.accessPolicy, settings.lockAt(service.now())].flatMap((one) => one?.policy ?? []);
  if (policies.every(({ denials }) => denials.length === 0)) return;
  const deed = deedOf(service, vault, operation, call);
  if (!policies.some((policy) => denies(policy, deed))) return;
  throw accessDenied(
    `User: arn:aws:iam::${deed.accountId}:root is not authorized to perform: ${deed.action} ` +
      `on resource: ${deed.resource} with an explicit deny in a resource-based policy`,
  );
}

function deedOf(service: Service, vault: Vault, operation: OperationName, call: Call): Deed {
  const archive = vault.state.archives.get(call.names.archive || archiveIdIn(call.body));
  const archiveAgeDays = archive === undefined ? null : Math.floor((service.now() - archive.createdAt) / DAY_MS);
  return {
    accountId: service.folder.account.accountId,
    action: `glacier:${operation}`,
    resource: arnOf(service, vault.state.name),
    facts: { archiveAgeDays, tags: vault.state.settings.tags },
  };
}

/** Empty where the request asks for none; what is wrong with the body, the operation itself will say. */
function archiveIdIn(body: Buffer): string {
  try {
    return textOf(parseObject(body), 'ArchiveId') ?? '';
  } catch {
    return '';
  }
}
