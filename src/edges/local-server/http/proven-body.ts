// A small body whose sender has proved who it is: the body is part of what was signed.

import { hash } from 'node:crypto';
import { checkPayloadHash, receiveUnproven } from '../bodies/body.js';
import type { RoomForBodies } from '../bodies/room-for-bodies.js';
import { type Claim, verifySignature } from '../signing/signature.js';
import type { RequestAtWork } from './request-at-work.js';

/**
 * The whole body of a request that was sent by a holder of the key.
 * @param max in bytes; as much as any of Glacier's needs, unless it is given
 * @throws ApiError when it was not, or is not what it was announced as, or is too long
 */
export async function receiveProven(
  { wire, incoming }: RequestAtWork,
  claim: Claim,
  room: RoomForBodies,
  max?: number,
): Promise<Buffer> {
  const body = await receiveUnproven(incoming, room, max);
  const computed = hash('sha256', body);
  const announced = wire.headers['x-amz-content-sha256']?.[0] ?? computed;
  verifySignature(wire, claim, announced);
  checkPayloadHash(announced, computed);
  return body;
}
