// Our own client against servers that are odd, hasty, broken or gone.

import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Instant } from '../../../src/model/clock.js';
import { Failure } from '../../../src/model/failure.js';
import { JobId, UploadId } from '../../../src/model/identifiers.js';
import { ordinaryPatience } from '../../../src/vault/patience.js';
import { patientVault } from '../../../src/vault/patient.js';
import type { StreamedBody, Vault } from '../../../src/vault/port.js';
import type { ReadyRetrieval } from '../../../src/vault/retrieving-port.js';
import { bytesOf, collected, hashed, MIB } from '../bytes.js';
import { openScripted, type Peer } from './scripted-server.js';

const signal = new AbortController().signal;
const SMALL = hashed(bytesOf(1000));
const LARGE = hashed(bytesOf(16 * MIB));
const UPLOAD = UploadId.parse('u');
const OK = 'HTTP/1.1 201 Created\r\nx-amz-archive-id: a\r\ncontent-length: 0\r\n\r\n';
const DENIED_BODY = `{"code":"AccessDeniedException","message":"no","type":"Client"}${' '.repeat(500)}`;
const DENIED = `HTTP/1.1 403 Forbidden\r\ncontent-length: ${DENIED_BODY.length}\r\n\r\n${DENIED_BODY}`;
const READY: ReadyRetrieval = {
  state: 'ready',
  jobId: JobId.parse('j'),
  requestedAt: Instant.ofSeconds(0),
  size: 10,
  readableUntil: null,
};

const upload = async (vault: Vault, body = SMALL): Promise<string> =>
  (await vault.uploadWhole(body, '', signal)).archiveId;
const sendPart = (vault: Vault): Promise<void> =>
  vault.uploadPart(UPLOAD, { start: 0, end: SMALL.bytes.length }, SMALL, signal);

/** Answers each request the same way. */
const always =
  (text: string) =>
  async (peer: Peer): Promise<void> => {
    for (;;) {
      await peer.request();
      peer.say(text);
    }
  };

describe('answers on the wire', () => {
  it.each([
    ['1xx before it', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nx: y\r\n\r\n${OK}`],
    ['chunks', 'HTTP/1.1 201 Created\r\nx-amz-archive-id: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n'],
  ])('wire: an answer with %s is understood, and its connection used again', async (_, text) => {
    await using scripted = await openScripted(always(text));
    for (let i = 0; i < 3; i++) expect(await upload(scripted.vault)).toBe('a');
    expect(scripted.peers).toHaveLength(1);
  });

  it.each([
    ['says that it closes', OK.replace('content', 'connection: close\r\ncontent')],
    ['is of HTTP/1.0', OK.replace('1.1', '1.0')],
    ['goes on after its end', `${OK}HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n`],
  ])('wire: a connection whose server %s is not used again', async (_, text) => {
    await using scripted = await openScripted(async (peer) => {
      await peer.request();
      peer.say(text);
      await peer.gone();
    });
    for (let i = 0; i < 2; i++) expect(await upload(scripted.vault)).toBe('a');
    expect(scripted.peers).toHaveLength(2);
  });

  it('wire: a confirmation without a length counts once the server has closed', async () => {
    await using scripted = await openScripted(async (peer) => {
      await peer.request();
      peer.socket.end('HTTP/1.1 201 Created\r\nx-amz-archive-id: a\r\n\r\n');
    });
    expect(await upload(scripted.vault)).toBe('a');
  });

  it('wire: a range that comes in chunks, or until the server closes, is read', async () => {
    const range = 'HTTP/1.1 206 Partial\r\ncontent-range: bytes 0-9/10\r\n';
    for (const text of [
      `${range}transfer-encoding: chunked\r\n\r\n4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n`,
      `${range}\r\n0123456789`,
    ]) {
      await using scripted = await openScripted(async (peer) => {
        await peer.request();
        peer.socket.end(text);
      });
      const { body } = await scripted.vault.read(READY, { start: 0, end: 10 }, signal);
      expect((await collected(body)).toString()).toBe('0123456789');
    }
  });

  it('wire: a range whose connection breaks before anybody reads it tells so when it is read', async () => {
    await using scripted = await openScripted(async (peer, which) => {
      await peer.request();
      if (which > 0) return peer.say(OK);
      peer.say('HTTP/1.1 206 Partial\r\ncontent-range: bytes 0-9/10\r\ncontent-length: 10\r\n\r\n0123');
      await peer.request().catch(() => {});
    });
    const { body } = await scripted.vault.read(READY, { start: 0, end: 10 }, signal);
    scripted.peers[0]?.socket.resetAndDestroy();
    // By the time that this has come and gone, the news has come too.
    await upload(scripted.vault);
    expect(await codeOf(collected(body))).toBe('CONNECTION_BROKEN');
  });

  it('wire: a head, or an error, that does not end is not read for ever', async () => {
    for (const begin of ['HTTP/1.1 200 OK\r\n', 'HTTP/1.1 500 Oh\r\n\r\n']) {
      await using scripted = await openScripted(async (peer) => {
        await peer.request();
        peer.say(begin);
        while (!peer.socket.destroyed) {
          peer.say('a: b\r\n'.repeat(10_000));
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
      expect(await codeOf(upload(scripted.vault))).toBe('CONNECTION_BROKEN');
    }
  });
});

describe('answers before their time', () => {
  it('wire: a refusal ends the sending of a body at once, and its connection', async () => {
    await using scripted = await openScripted(async (peer) => {
      await peer.head();
      // It reads no more: what the system takes is a part of the body.
      peer.say(DENIED);
    });
    const thrown = await failureOf(upload(scripted.vault, LARGE));
    expect(thrown).toMatchObject({ code: 'ACCESS_DENIED', message: 'cannot upload an archive to vault photos: no' });
    await scripted.peers[0]?.gone();
  });

  it('wire: a success before all has been sent is none', async () => {
    await using scripted = await openScripted(async (peer) => {
      await peer.head();
      peer.say(OK);
    });
    expect(await codeOf(upload(scripted.vault, LARGE))).toBe('CONNECTION_BROKEN');
    await scripted.peers[0]?.gone();
  });

  it('wire: what comes unasked on an idle connection answers nothing', async () => {
    await using scripted = await openScripted(async (peer, which) => {
      await peer.request();
      peer.say(OK);
      if (which === 0) {
        // The client has the answer before the rest comes.
        await new Promise((resolve) => setImmediate(resolve));
        peer.say(OK.replace('id: a', 'id: unasked'));
        await peer.gone();
      }
    });
    await upload(scripted.vault);
    await scripted.peers[0]?.gone();
    expect(await upload(scripted.vault)).toBe('a');
    expect(scripted.peers).toHaveLength(2);
  });
});

describe('connections that are used again', () => {
  /** Its first connection answers once and dies when it is used again. */
  const dying =
    (heard: string[]) =>
    async (peer: Peer, which: number): Promise<void> => {
      heard.push((await peer.request()).head);
      peer.say(OK);
      heard.push(await peer.head());
      if (which === 0) peer.socket.resetAndDestroy();
      else peer.say(OK);
    };

  it('wire: an archive is never sent twice in silence', async () => {
    const heard: string[] = [];
    await using scripted = await openScripted(dying(heard));
    await upload(scripted.vault);
    expect(await codeOf(upload(scripted.vault))).toBe('CONNECTION_BROKEN');
    expect(heard).toHaveLength(2);
  });

  it('wire: an archive that is sent again is counted as one that may be there', async () => {
    await using scripted = await openScripted(dying([]));
    const patience = { ...ordinaryPatience(() => {}), sleep: async () => {} };
    const vault = patientVault(scripted.vault, patience);
    await vault.uploadWhole(SMALL, '', signal);
    expect((await vault.uploadWhole(SMALL, '', signal)).unansweredRequests).toBe(1);
  });

  it('wire: a part is sent again over a new connection, and a range asked for again', async () => {
    const heard: string[] = [];
    await using scripted = await openScripted(dying(heard));
    await sendPart(scripted.vault);
    await sendPart(scripted.vault);
    expect(heard).toHaveLength(3);
  });

  it('wire: nothing is sent again when an answer had begun, or on a new connection', async () => {
    for (const begun of [true, false]) {
      let requests = 0;
      await using scripted = await openScripted(async (peer) => {
        for (let i = begun ? 0 : 1; ; i++) {
          await peer.request();
          requests++;
          if (i === 0) peer.say(OK);
          else peer.socket.end(begun ? 'HTTP/1.1 2' : '');
        }
      });
      if (begun) await sendPart(scripted.vault);
      expect(await codeOf(sendPart(scripted.vault))).toBe('CONNECTION_BROKEN');
      expect(requests).toBe(begun ? 2 : 1);
    }
  });

  it('wire: a connection that the server has closed in good order is not used', async () => {
    await using scripted = await openScripted(async (peer) => {
      await peer.request();
      peer.say(OK);
      peer.socket.end();
      await peer.gone();
    });
    for (let i = 0; i < 3; i++) {
      expect(await upload(scripted.vault)).toBe('a');
      await scripted.peers[i]?.gone();
    }
    expect(scripted.peers).toHaveLength(3);
  });

  it('wire: as many connections as requests at once, used again, without a warning', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warn);
    await using scripted = await openScripted(always(OK));
    for (let i = 0; i < 2; i++) await Promise.all(Array.from({ length: 256 }, () => upload(scripted.vault)));
    expect(scripted.peers).toHaveLength(256);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });

  it('wire: closing ends what is under way and all connections', async () => {
    await using scripted = await openScripted(async (peer) => {
      await peer.request();
      await scripted.service[Symbol.asyncDispose]();
    });
    expect(await codeOf(upload(scripted.vault))).toBe('CONNECTION_BROKEN');
    await scripted.peers[0]?.gone();
  });
});

describe('signals and silence', () => {
  it('wire: a signal ends a request at any stage, and its connection', async () => {
    const stages: readonly ((peer: Peer, raise: () => void) => Promise<void>)[] = [
      async (_, raise) => raise(),
      async (peer, raise) => {
        await peer.head();
        raise();
      },
      async (peer, raise) => {
        await peer.request();
        raise();
      },
      async (peer, raise) => {
        await peer.request();
        peer.say('HTTP/1.1 201 Cre');
        raise();
      },
    ];
    for (const stage of stages) {
      const raised = new AbortController();
      await using scripted = await openScripted((peer) => stage(peer, () => raised.abort()));
      expect(await codeOf(scripted.vault.uploadWhole(LARGE, '', raised.signal))).toBe('INTERRUPTED');
      await scripted.peers[0]?.gone();
    }
  });

  it('wire: a signal ends its own requests and no others, also over a connection used before', async () => {
    const raised = new AbortController();
    const waiting: (() => void)[] = [];
    await using scripted = await openScripted(async (peer) => {
      await peer.request();
      peer.say(OK);
      await peer.request();
      waiting.push(() => peer.say(OK));
      if (waiting.length === 2) raised.abort();
    });
    await Promise.all([scripted.vault.uploadWhole(SMALL, '', raised.signal), upload(scripted.vault)]);
    const [ends, goesOn] = [scripted.vault.uploadWhole(SMALL, '', raised.signal), upload(scripted.vault)];
    expect(await codeOf(ends)).toBe('INTERRUPTED');
    for (const answer of waiting) answer();
    expect(await goesOn).toBe('a');
  });

  it('wire: silence is given up wherever it falls', async () => {
    for (const begin of ['', 'HTTP/1.1 20', 'HTTP/1.1 500 Oh\r\ncontent-length: 10\r\n\r\n123']) {
      await using scripted = await openScripted(async (peer) => {
        await peer.request();
        peer.say(begin);
        await peer.gone();
      }, 50);
      const failure = await failureOf(upload(scripted.vault));
      expect(failure).toMatchObject({ code: 'TIMED_OUT', message: expect.stringContaining('50 ms of inactivity') });
    }
    await using deaf = await openScripted(() => {}, 50);
    expect(await codeOf(upload(deaf.vault, LARGE))).toBe('TIMED_OUT');
  });

  it('wire: no description can become a header', async () => {
    await using scripted = await openScripted(always(OK));
    for (const description of ['a\r\nx-amz-date: b', 'ü', '\0']) {
      expect(await codeOf(scripted.vault.uploadWhole(SMALL, description, signal))).toBe('VAULT_REFUSED');
    }
    expect(scripted.peers).toHaveLength(0);
  });
});

describe('bodies that stream', () => {
  const { bytes, ...hashes } = LARGE;
  const streamed = (pieces: StreamedBody['pieces']): StreamedBody => ({ size: bytes.length, ...hashes, pieces });

  it('wire: a piece is used up before the next is asked for, and the body returned before the answer is told', async () => {
    await using scripted = await openScripted(always(OK));
    let returned = false;
    const window = Buffer.alloc(3 * MIB);
    const body = streamed(async function* () {
      try {
        for (let at = 0; at < bytes.length; at += window.length) {
          const piece = window.subarray(0, Math.min(window.length, bytes.length - at));
          piece.set(bytes.subarray(at, at + piece.length));
          yield piece;
          window.fill(0);
        }
      } finally {
        await new Promise((resolve) => setImmediate(resolve));
        returned = true;
      }
    });
    await scripted.vault.uploadWhole(body, '', signal);
    expect(returned).toBe(true);
  });

  it('wire: a refusal stops a body as soon as it is told, and before all is said about it', async () => {
    const stopped = new AbortController();
    await using scripted = await openScripted(async (peer) => {
      await peer.head();
      const middle = DENIED.indexOf('{') + 20;
      peer.say(DENIED.slice(0, middle));
      if (!stopped.signal.aborted) await once(stopped.signal, 'abort');
      peer.say(DENIED.slice(middle));
    });
    const body = streamed(async function* (given) {
      yield bytes.subarray(0, MIB);
      if (!given.aborted) await once(given, 'abort');
      stopped.abort();
      throw new Failure('INTERRUPTED', 'it was told to stop');
    });
    const thrown = await failureOf(scripted.vault.uploadWhole(body, '', signal));
    expect(thrown).toMatchObject({ code: 'ACCESS_DENIED', message: 'cannot upload an archive to vault photos: no' });
  });

  it('wire: what a body throws is thrown, whole and in time', async () => {
    const failure = new Failure('FILE_UNREADABLE', 'the disk is broken');
    const heard: unknown[] = [];
    await using scripted = await openScripted(async (peer) => {
      heard.push(await peer.request());
    });
    const body = streamed(async function* () {
      yield bytes.subarray(0, 10);
      throw failure;
    });
    await expect(scripted.vault.uploadPart(UPLOAD, { start: 0, end: bytes.length }, body, signal)).rejects.toBe(
      failure,
    );
    await scripted.peers[0]?.gone();
    expect(heard).toEqual([]);
  });

  it('wire: a body that ends early is told as a file that changed, and none of it arrives as a request', async () => {
    const heard: unknown[] = [];
    await using scripted = await openScripted(async (peer) => {
      heard.push(await peer.request());
    });
    const body = streamed(async function* () {
      yield bytes.subarray(0, bytes.length - 1);
    });
    expect(await codeOf(scripted.vault.uploadWhole(body, '', signal))).toBe('FILE_CHANGED');
    await scripted.peers[0]?.gone();
    expect(heard).toEqual([]);
  });

  it('wire: after its last byte a body has no say: the answer decides', async () => {
    await using scripted = await openScripted(always(OK));
    const body = streamed(async function* () {
      try {
        yield bytes;
        yield bytes;
      } finally {
        // What the contract of generators allows and nobody should do.
        // oxlint-disable-next-line no-unsafe-finally
        throw new Failure('FILE_CHANGED', 'too late');
      }
    });
    expect((await scripted.vault.uploadWhole(body, '', signal)).archiveId).toBe('a');
  });

  it('wire: a refusal or a signal in the middle lets go of the body before it is told', async () => {
    for (const how of ['refused', 'interrupted'] as const) {
      const raised = new AbortController();
      let returned = false;
      await using scripted = await openScripted(async (peer) => {
        await peer.head();
        if (how === 'refused') peer.say(DENIED);
        else raised.abort();
      });
      const body = streamed(async function* () {
        try {
          for (let at = 0; at < bytes.length; at += MIB) yield bytes.subarray(at, at + MIB);
        } finally {
          await new Promise((resolve) => setImmediate(resolve));
          returned = true;
        }
      });
      const code = await codeOf(scripted.vault.uploadWhole(body, '', raised.signal));
      expect({ code, returned }).toEqual({ code: how === 'refused' ? 'ACCESS_DENIED' : 'INTERRUPTED', returned: true });
    }
  });
});

async function codeOf(deed: Promise<unknown>): Promise<string> {
  return (await failureOf(deed)).code;
}

async function failureOf(deed: Promise<unknown>): Promise<Failure> {
  const outcome = await deed.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(outcome instanceof Failure)) throw outcome;
  return outcome;
}
