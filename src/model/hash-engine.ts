// Where SHA-256 comes from: the machine's OpenSSL, or a WebAssembly engine that shares nothing with it.

import { createHash } from 'node:crypto';

/** Digests whole pieces and running streams; both give 32 raw bytes. */
export interface HashEngine {
  readonly name: 'node' | 'wasm';
  digest(bytes: Uint8Array): Uint8Array;
  begin(): RunningHash;
}

/** A SHA-256 under way. `digest` ends it. */
export interface RunningHash {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

export const nodeEngine: HashEngine = {
  name: 'node',
  digest: (bytes) => createHash('sha256').update(bytes).digest(),
  begin() {
    const hash = createHash('sha256');
    return {
      update: (bytes) => void hash.update(bytes),
      digest: () => hash.digest(),
    };
  },
};

/** Compiles the WebAssembly engine; about four times slower than `nodeEngine`. */
export async function loadWasmEngine(): Promise<HashEngine> {
  const { createSHA256 } = await import('hash-wasm');
  const whole = await createSHA256();
  const empty = whole.init().save();
  return {
    name: 'wasm',
    digest: (bytes) => whole.init().update(bytes).digest('binary'),
    begin: () => {
      // One instance serves every stream: its 116-byte state is carried in and out around each piece.
      let state = empty;
      return {
        update: (bytes) => {
          state = whole.load(state).update(bytes).save();
        },
        digest: () => whole.load(state).digest('binary'),
      };
    },
  };
}
