// What is to happen to one delivery: nothing special, or what was ordered for it.

import type { DeliveryFault } from '../control/fault-rule.js';
import type { DeliveryName } from '../protocol/notice-names.js';
import type { LetterKind } from './notice-records.js';

/** What is done with one delivery. */
export interface Handling {
  readonly copies: 0 | 1 | 2;
  /** Before it goes out, in ms. */
  readonly delayMs: number;
  readonly forgery: Forgery | null;
}

/** A letter that somebody else seems to have written. */
export interface Forgery {
  /** What the forger says; null when it is what the true one says. */
  readonly message: string | null;
}

const AS_USUAL: Handling = { copies: 1, delayMs: 0, forgery: null };

/** By which name faults are ordered for a letter. */
export function deliveryNameOf(kind: LetterKind): DeliveryName {
  return kind === 'Notification' ? 'sns:Deliver' : 'sns:DeliverConfirmation';
}

/** Null is nothing special. */
export function handlingOf(fault: DeliveryFault | null): Handling {
  switch (fault?.fault) {
    case undefined:
      return AS_USUAL;
    case 'lost':
      return { ...AS_USUAL, copies: 0 };
    case 'doubled':
      return { ...AS_USUAL, copies: 2 };
    case 'late':
      return { ...AS_USUAL, delayMs: fault.seconds * 1000 };
    case 'forged':
      return { ...AS_USUAL, forgery: { message: fault.message } };
  }
}

/** The letter with another signature, and what the forger says; of all else nothing is changed. */
export function forgedLetter(text: string, { message }: Forgery): string {
  const letter = JSON.parse(text) as { readonly Message: string; readonly Signature: string };
  const signature = Buffer.from(letter.Signature, 'base64');
  signature[0] = (signature[0] ?? 0) ^ 1;
  const forged = { ...letter, Message: message ?? letter.Message, Signature: signature.toString('base64') };
  return JSON.stringify(forged, null, 2);
}
