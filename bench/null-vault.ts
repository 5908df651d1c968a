// A vault that forgets: answers as Glacier does and drops what it is sent. Says its port.

import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { parseArgs } from 'node:util';
import { NullAnswers } from './null-answers.js';
import { NullConnection } from './null-connection.js';

/*
 * As little as a server can do on sockets, so that the program that is measured is what takes the time. Signatures and
 * hashes are believed.
 */

const { values } = parseArgs({
  options: {
    /** Milliseconds before each answer. */
    delay: { type: 'string', default: '0' },
    /** What every retrieval gives, and every archive is said to be as large as. */
    content: { type: 'string' },
    /** Files with a certificate and its key, for HTTPS. */
    certificate: { type: 'string' },
    key: { type: 'string' },
    port: { type: 'string', default: '0' },
  },
});

const { certificate, key, delay, content } = values;
const answers = new NullAnswers(content === undefined ? Buffer.alloc(0) : readFileSync(content));
const take = (socket: Socket): void => void new NullConnection(socket, answers, Number(delay));
const server =
  certificate === undefined || key === undefined
    ? createServer({ pauseOnConnect: true }, take)
    : createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, take);

server.listen(Number(values.port), '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : address}\n`);
});
process.once('SIGTERM', () => process.exit(0));
