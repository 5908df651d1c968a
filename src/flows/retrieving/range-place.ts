// Where some bytes of an archive go: to a file of their own, or out as a stream.

import type { Landing } from '../../disk/landing.js';
import type { Sink } from './pour.js';

/** Takes the bytes in order. What is not finished leaves nothing behind, where it can. */
interface RangePlace extends AsyncDisposable {
  readonly sink: Sink;
  /** All has been taken. */
  finish(): Promise<void>;
}

/** Opens the place where so many bytes go. */
export type OpenRangePlace = (size: number) => Promise<RangePlace>;

/**
 * A file that appears when all of it is there, with the time of its making: it is not the file that was stored.
 * @param land opens the file to be, of so many bytes
 */
export function rangeFile(land: (size: number) => Promise<Landing>): OpenRangePlace {
  return async (size) => {
    const landing = await land(size);
    let at = 0;
    return {
      async sink(bytes) {
        await landing.write(bytes, at);
        at += bytes.length;
        await landing.landed(bytes.length);
        return 'taken';
      },
      finish: () => landing.finish(null),
      [Symbol.asyncDispose]: () => landing[Symbol.asyncDispose](),
    };
  };
}

export function rangeStream(sink: Sink): OpenRangePlace {
  return async () => ({ sink, finish: async () => undefined, async [Symbol.asyncDispose]() {} });
}
