// Chooses where bytes are moved: small work in this thread, large work in others as soon as they are worth their start.

import type { Place } from '../disk/place.js';
import type { Report } from '../model/events.js';
import type { HashEngine } from '../model/hash-engine.js';
import type { VaultName } from '../model/identifiers.js';
import { type ByteRange, MIB, SMALL_MAX } from '../model/parts.js';
import type { OpenVaults } from '../vault/open.js';
import type { SharedBandwidth } from './bandwidth.js';
import { createInlineTransfer, type InlineTransferOptions } from './inline.js';
import { openLargeLanes } from './large-lanes.js';
import type { Transfer } from './port.js';
import { oneReader } from './reading-turn.js';
import { createThreadedTransfer, type ThreadedTransferOptions } from './threads.js';

export interface TransferOptions {
  /** Where the files are. */
  readonly place: Pick<Place, 'locate' | 'encoding'>;
  /** Null where files are only hashed. */
  readonly vault: { readonly of: Pick<OpenVaults, 'vault' | 'resolved'>; readonly name: VaultName } | null;
  /** One that has been tried. */
  readonly engine: HashEngine;
  /** At most so many are started; with 1 all is done in this one. */
  readonly threads: number;
  /** Large tasks at once: parts, ranges, and files of more than `SMALL_MAX`. Each may hold a part in memory. */
  readonly width: number;
  /**
   * 'sequential': files are read one after another, here, and what was read is held until it is sent, unless it is to
   * be streamed. `width` is then how many parts may wait to be sent.
   */
  readonly reader: 'parallel' | 'sequential';
  /** Small tasks at once, beside the large ones. */
  readonly smallWidth: number;
  /** That of the vaults, where something may be held back: threads keep it too. */
  readonly bandwidth?: SharedBandwidth | null;
  readonly report: Report;
  /** As `ThreadedTransferOptions` has it. */
  readonly script?: URL;
}

/** Bytes of large work that are moved here before threads are started: starting costs about as much as moving them. */
const WORTH_THREADS = 64 * MIB;

/** Small and large tasks have turns of their own, so that neither kind keeps the other waiting. */
export function openTransfer(options: TransferOptions): Transfer & AsyncDisposable {
  if (options.reader === 'sequential') return openInline(options, { reading: oneReader() });
  if (options.threads <= 1) return openInline(options, {});
  // What is large is streamed here, where threads are to do it later: its memory would lie idle from then on.
  const streamed = { width: options.smallWidth, streamFrom: SMALL_MAX + 1 };
  const small = createInlineTransfer({ ...inlineOptions(options), ...streamed });
  const large = openLargeLanes({
    ...options,
    openHere: (width) => createInlineTransfer({ ...inlineOptions(options), width }),
    openThreads: (threads, width) =>
      createThreadedTransfer({ ...threadOptions(options), threads, width, inline: small }),
  });
  let done = 0;
  const transferFor = (bytes: number, ofBytes: number): Transfer => {
    if (bytes <= SMALL_MAX) return small;
    done += bytes;
    return Math.max(done, ofBytes) <= WORTH_THREADS ? small : large;
  };
  return choosing(transferFor, () => large[Symbol.asyncDispose]());
}

/** One thread hashes 800 MB a second: more than disks that turn, and most networks, can give it. */
function openInline(options: TransferOptions, how: Pick<InlineTransferOptions, 'reading'>): Transfer & AsyncDisposable {
  const common = { ...inlineOptions(options), ...how };
  const small = createInlineTransfer({ ...common, width: options.smallWidth });
  const large = createInlineTransfer({ ...common, width: options.width });
  return choosing(
    (bytes) => (bytes <= SMALL_MAX ? small : large),
    async () => undefined,
  );
}

function inlineOptions({ place, vault, engine, report }: TransferOptions): Omit<InlineTransferOptions, 'width'> {
  return { place, vault: vault === null ? NO_VAULT : vault.of.vault(vault.name, report), engine, report };
}

function threadOptions(options: TransferOptions): Omit<ThreadedTransferOptions, 'inline' | 'threads' | 'width'> {
  const { place, vault, engine, bandwidth = null, report, script } = options;
  return {
    place,
    vault: vault === null ? null : { settings: (signal) => vault.of.resolved(signal), name: vault.name },
    engine: engine.name,
    bandwidth,
    report,
    ...(script === undefined ? {} : { script }),
  };
}

/** @param transferFor by the bytes of a task, and of the whole that it is part of */
function choosing(
  transferFor: (bytes: number, ofBytes: number) => Transfer,
  close: () => PromiseLike<void>,
): Transfer & AsyncDisposable {
  const forRange = ({ start, end }: ByteRange, { size }: { size: number }): Transfer => transferFor(end - start, size);
  return {
    hashFile: (file, ...rest) => transferFor(file.size, file.size).hashFile(file, ...rest),
    hashRange: (file, range, ...rest) => forRange(range, file).hashRange(file, range, ...rest),
    sendWhole: (file, ...rest) => transferFor(file.size, file.size).sendWhole(file, ...rest),
    sendPart: (file, upload, range, ...rest) => forRange(range, file).sendPart(file, upload, range, ...rest),
    fetchRange: (ready, range, ...rest) => forRange(range, ready).fetchRange(ready, range, ...rest),
    hasLanded: (file, range, ...rest) => forRange(range, file).hasLanded(file, range, ...rest),
    [Symbol.asyncDispose]: close,
  };
}

const NO_VAULT: InlineTransferOptions['vault'] = { uploadWhole: noVault, uploadPart: noVault, read: noVault };

function noVault(): never {
  throw new Error('this transfer was opened without a vault');
}
