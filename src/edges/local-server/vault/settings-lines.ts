// Which lines of a vault's log still say something about its settings.

import type { VaultRecord } from './records.js';

/** A key of the tags: the line that put it where it stands in their order, and the one that gave its value. */
interface TagLines {
  readonly first: number;
  readonly last: number;
}

/** Told all lines in order; of each setting the last line counts, and nothing when that one deleted it. */
export class SettingsLines {
  #notifications: number | null = null;
  #accessPolicy: number | null = null;
  #lock: number[] = [];
  readonly #tags = new Map<string, TagLines>();
  /** Lines that removed tags, with what they removed: they count while a line before them that added it does. */
  #removals: { readonly number: number; readonly keys: readonly string[] }[] = [];
  readonly #added = new Map<number, readonly string[]>();

  see(record: VaultRecord, number: number): void {
    switch (record.type) {
      case 'notifications':
        this.#notifications = number;
        return;
      case 'notifications-deleted':
        this.#notifications = null;
        return;
      case 'access-policy':
        this.#accessPolicy = number;
        return;
      case 'access-policy-deleted':
        this.#accessPolicy = null;
        return;
      case 'lock':
        this.#lock = [number];
        return;
      case 'lock-completed':
        if (this.#lock.length === 1) this.#lock.push(number);
        return;
      case 'lock-aborted':
        this.#lock = [];
        return;
      case 'tags-added':
        this.#addTags(Object.keys(record.tags), number);
        return;
      case 'tags-removed':
        this.#removeTags(record.keys, number);
        return;
      case 'vault':
      case 'archive':
      case 'archive-deleted':
      case 'upload':
      case 'part':
      case 'upload-completed':
      case 'upload-aborted':
      case 'upload-expired':
      case 'outputs-expired':
      case 'job':
      case 'job-ended':
      case 'job-noticed':
      case 'inventory':
      case 'shortened':
    }
  }

  needed(): number[] {
    return [this.#notifications, this.#accessPolicy, ...this.#lock, ...this.#tagLines()].filter((one) => one !== null);
  }

  #addTags(keys: readonly string[], number: number): void {
    this.#added.set(number, keys);
    for (const key of keys) this.#tags.set(key, { first: this.#tags.get(key)?.first ?? number, last: number });
  }

  #removeTags(keys: readonly string[], number: number): void {
    for (const key of keys) this.#tags.delete(key);
    this.#removals.push({ number, keys });
    this.#forget();
  }

  /** Lines that add, and those that take away again what these also added. */
  #tagLines(): number[] {
    const adding = new Set([...this.#tags.values()].flatMap(({ first, last }) => [first, last]));
    const removing = this.#removals.filter(({ number, keys }) =>
      [...adding].some((line) => line < number && this.#added.get(line)?.some((key) => keys.includes(key)) === true),
    );
    return [...adding, ...removing.map(({ number }) => number)];
  }

  /** Keeps this as small as the tags are. */
  #forget(): void {
    const needed = new Set(this.#tagLines());
    this.#removals = this.#removals.filter(({ number }) => needed.has(number));
    for (const line of this.#added.keys()) if (!needed.has(line)) this.#added.delete(line);
  }
}
