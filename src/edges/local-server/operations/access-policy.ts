// SetVaultAccessPolicy, GetVaultAccessPolicy, DeleteVaultAccessPolicy.

import { parsePolicy } from '../policies/policy-document.js';
import { missingParameter, notFound } from '../protocol/errors.js';
import type { Answer, Call } from '../protocol/exchange.js';
import { parseObject, textOf } from '../protocol/json-fields.js';
import { type Service, vaultOf } from './service.js';

export function setVaultAccessPolicy(service: Service, call: Call): Answer {
  const vault = vaultOf(service, call);
  vault.record({ type: 'access-policy', policy: policyIn(call.body), at: service.now() });
  return { status: 204 };
}

export function getVaultAccessPolicy(service: Service, call: Call): Answer {
  const { accessPolicy } = vaultOf(service, call).state.settings;
  if (accessPolicy === null) throw notFound(`No vault access policy is set for: ${call.names.vault}`);
  return { status: 200, json: { Policy: accessPolicy.text } };
}

/** A policy that is not there is deleted already. */
export function deleteVaultAccessPolicy(service: Service, call: Call): Answer {
  const vault = vaultOf(service, call);
  if (vault.state.settings.accessPolicy !== null) {
    vault.record({ type: 'access-policy-deleted', at: service.now() });
  }
  return { status: 204 };
}

/** The text of the policy, which stands as a string in the JSON of the request. @throws ApiError when it is none */
export function policyIn(body: Buffer): string {
  const text = textOf(parseObject(body), 'Policy');
  if (text === null) throw missingParameter('Policy');
  parsePolicy(text);
  return text;
}
