// A file in memory that can be slow, short of breath, full or broken.

import type { AppendFile } from '../../src/journal/append-file.js';

/** What is in `durable` would survive a power cut. */
export class FakeFile implements AppendFile {
  content = Buffer.alloc(0);
  durable = Buffer.alloc(0);
  opens = 0;
  syncs = 0;
  closed = false;
  /** At most so many bytes go in at once. */
  breath = Number.POSITIVE_INFINITY;
  /** So many bytes fit. */
  room = Number.POSITIVE_INFINITY;
  /** Thrown by the next syncs. */
  syncError: Error | null = null;
  /** Called when a sync begins. */
  onSync: () => void = () => undefined;
  /** Where set, a sync ends only when this does. */
  gate: Promise<void> | null = null;

  readonly open = async (): Promise<AppendFile> => {
    this.opens += 1;
    return this;
  };

  async size(): Promise<number> {
    return this.content.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    const free = this.room - this.content.length;
    if (free <= 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const taken = bytes.subarray(0, Math.min(bytes.length, this.breath, free));
    this.content = Buffer.concat([this.content, taken]);
    return taken.length;
  }

  async sync(): Promise<void> {
    this.syncs += 1;
    this.onSync();
    await this.gate;
    if (this.syncError !== null) throw this.syncError;
    this.durable = this.content;
  }

  async truncate(size: number): Promise<void> {
    this.content = this.content.subarray(0, size);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
