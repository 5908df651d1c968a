// Fetches a small file of text, such as a certificate, from an address that was found good before.

import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import process from 'node:process';
import { agentsThrough, proxyFor } from '../proxy.js';

/** Bytes. */
const LARGEST = 64 * 1024;
const INACTIVE_MS = 5_000;

/** Nothing but the file itself counts: no redirection is followed. Rejects with what is wrong. */
export async function downloadedText(
  address: URL,
  signal: AbortSignal,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  const isTls = address.protocol === 'https:';
  const proxy = proxyFor(address, environment);
  const agents = proxy === null ? null : agentsThrough(proxy, {});
  const agent = agents === null ? {} : { agent: isTls ? agents.httpsAgent : agents.httpAgent };
  return new Promise((resolve, reject) => {
    const request = (isTls ? requestTls : requestPlain)(address, { signal, timeout: INACTIVE_MS, ...agent });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
    request.on('response', (response) => {
      if (response.statusCode !== 200) {
        response.destroy();
        reject(new Error(`the answer is ${response.statusCode}`));
        return;
      }
      const pieces: Buffer[] = [];
      let size = 0;
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        size += piece.length;
        if (size > LARGEST) response.destroy(new Error('the answer is too long'));
      });
      response.on('error', reject);
      response.on('end', () => resolve(Buffer.concat(pieces).toString('utf8')));
    });
    request.end();
  });
}
