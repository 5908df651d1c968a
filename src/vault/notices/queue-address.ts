// The address of a queue, where a user gave it: it must be one of the service that is asked.

import { Failure } from '../../model/failure.js';
import type { Queue } from './notices-port.js';

/** @param endpoint of the service. @throws Failure USAGE */
export function queueAt(address: URL, endpoint: string): Queue {
  if (isOf(address, new URL(endpoint))) return address.href as Queue;
  const message = `queue ${address.href} is not of the service that is asked, ${endpoint}`;
  throw new Failure('USAGE', message, {
    hint: 'a queue must be in the region of the vault: check --region and the address',
  });
}

/** AWS knows the queues of a region by older names of its host too. Source: AWS general reference, "Amazon SQS endpoints". */
function isOf(address: URL, { host, protocol }: URL): boolean {
  if (address.protocol !== protocol) return false;
  if (address.host === host) return true;
  const [, region, domain] = /^sqs\.([a-z0-9-]+)\.(amazonaws\..+)$/.exec(host) ?? [];
  if (region === undefined) return false;
  return address.host === `${region}.queue.${domain}` || (region === 'us-east-1' && address.host === `queue.${domain}`);
}
