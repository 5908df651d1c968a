// Where SHA-256 comes from: the machine's OpenSSL, or a WebAssembly engine that shares nothing with it.

import { createHash, hash } from 'node:crypto';

export type HashEngineName = 'node' | 'wasm';

/** Digests whole pieces and running streams; both give 32 raw bytes. */
export interface HashEngine {
  readonly name: HashEngineName;
  digest(bytes: Uint8Array): Uint8Array;
  /** The same in lower-case hex: without a buffer in between. */
  hexDigest(bytes: Uint8Array): string;
  begin(): RunningHash;
}

/** A SHA-256 under way. `digest` ends it, `soFar` does not. */
export interface RunningHash {
  update(bytes: Uint8Array): void;
  /** Of all that has come until now. */
  soFar(): Uint8Array;
  digest(): Uint8Array;
}

export const nodeEngine: HashEngine = {
  name: 'node',
  digest: (bytes) => hash('sha256', bytes, 'buffer'),
  hexDigest: (bytes) => hash('sha256', bytes, 'hex'),
  begin() {
    const running = createHash('sha256');
    return {
      update: (bytes) => void running.update(bytes),
      soFar: () => running.copy().digest(),
      digest: () => running.digest(),
    };
  },
};

/** The engine of this name, not yet tried: `trustedEngine` tries it. */
export async function engineNamed(name: HashEngineName): Promise<HashEngine> {
  switch (name) {
    case 'node':
      return nodeEngine;
    case 'wasm':
      return loadWasmEngine();
  }
}

/** Compiles the WebAssembly engine; about four times slower than `nodeEngine`. */
async function loadWasmEngine(): Promise<HashEngine> {
  const { createSHA256 } = await import('hash-wasm');
  const whole = await createSHA256();
  const empty = whole.init().save();
  return {
    name: 'wasm',
    digest: (bytes) => whole.init().update(bytes).digest('binary'),
    hexDigest: (bytes) => whole.init().update(bytes).digest('hex'),
    begin: () => {
      // One instance serves every stream: its 116-byte state is carried in and out around each piece.
      let state = empty;
      const soFar = (): Uint8Array => whole.load(state).digest('binary');
      return {
        update: (bytes) => {
          state = whole.load(state).update(bytes).save();
        },
        soFar,
        digest: soFar,
      };
    },
  };
}
