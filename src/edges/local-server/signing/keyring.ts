// The access keys of all accounts: whose a key is, and what a request with it must bring.

import type { AccountFolder } from '../folder/account-folder.js';
import { ApiError } from '../protocol/errors.js';
import { SigningKeys } from './signing-keys.js';

/** What there is to know of an access key. */
export interface HeldKey {
  readonly accountId: string;
  readonly secretAccessKey: string;
  /** Null for a key that lasts. */
  readonly session: { readonly token: string; readonly expiresAt: number } | null;
}

/** What there is to check a signature against. */
export interface Keyring {
  /** The region that requests are to be signed for. */
  readonly region: string;
  /** Those that were derived from the keys that were asked for. */
  readonly signingKeys: SigningKeys;
  /** Undefined when nobody has such a key. */
  keyOf(accessKeyId: string): HeldKey | undefined;
}

/** Keys as the accounts have them at the moment when a request asks. */
export function keyringOf(region: string, accounts: () => readonly AccountFolder[]): Keyring {
  return {
    region,
    signingKeys: new SigningKeys(),
    keyOf(accessKeyId) {
      for (const folder of accounts()) {
        const held = keyIn(folder, accessKeyId);
        if (held !== undefined) return held;
      }
      return undefined;
    },
  };
}

function keyIn({ account }: AccountFolder, accessKeyId: string): HeldKey | undefined {
  const { accountId } = account;
  const lasting = account.keys.find((key) => key.accessKeyId === accessKeyId);
  if (lasting !== undefined) return { accountId, secretAccessKey: lasting.secretAccessKey, session: null };
  const temporary = account.temporaryKeys?.find((key) => key.accessKeyId === accessKeyId);
  if (temporary === undefined) return undefined;
  const { secretAccessKey, sessionToken, expiresAt } = temporary;
  return { accountId, secretAccessKey, session: { token: sessionToken, expiresAt } };
}

/** Also for a token that is missing, wrong, or not the key's. Source: Glacier developer guide, "Error Responses". */
export function unrecognizedClient(): ApiError {
  return new ApiError(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
}

export function expiredToken(): ApiError {
  return new ApiError(403, 'ExpiredTokenException', 'The security token included in the request is expired');
}
