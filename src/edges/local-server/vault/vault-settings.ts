// What is said of a vault besides what it holds: notifications, tags, access policy, vault lock.

import { type Policy, parsePolicy } from '../policies/policy-document.js';
import type { Notifications, NotifiedEvent, SettingsRecord } from './records.js';

/** How long a lock waits to be completed. Source: Glacier developer guide, "Vault Lock". */
const LOCK_PENDING_MS = 24 * 60 * 60 * 1000;

/** A policy that was checked before it was kept. */
export interface StoredPolicy {
  /** As it was sent. */
  readonly text: string;
  readonly policy: Policy;
}

/** A lock in progress, or complete. */
export interface VaultLock extends StoredPolicy {
  readonly id: string;
  readonly at: number;
  /** When a lock in progress is gone again; null once it is complete. */
  readonly expiresAt: number | null;
}

/** Told of the records about them, one after another. */
export class VaultSettings {
  readonly tags = new Map<string, string>();
  #notifications: (Notifications & { readonly at: number }) | null = null;
  #accessPolicy: StoredPolicy | null = null;
  #lock: VaultLock | null = null;

  get notifications(): Notifications | null {
    return this.#notifications;
  }

  get accessPolicy(): StoredPolicy | null {
    return this.#accessPolicy;
  }

  /** The lock in force at `now`, in progress or complete. */
  lockAt(now: number): VaultLock | null {
    const expiresAt = this.#lock?.expiresAt ?? null;
    return expiresAt !== null && expiresAt <= now ? null : this.#lock;
  }

  /** Topic that is told of what happened at `at`; null when it was not asked for by then. */
  topicOf(event: NotifiedEvent, at: number): string | null {
    const asked = this.#notifications;
    return asked !== null && asked.at <= at && asked.events.includes(event) ? asked.topic : null;
  }

  apply(record: SettingsRecord): void {
    switch (record.type) {
      case 'notifications':
        this.#notifications = record;
        return;
      case 'notifications-deleted':
        this.#notifications = null;
        return;
      case 'tags-added':
        for (const [key, value] of Object.entries(record.tags)) this.tags.set(key, value);
        return;
      case 'tags-removed':
        for (const key of record.keys) this.tags.delete(key);
        return;
      case 'access-policy':
        this.#accessPolicy = stored(record.policy);
        return;
      case 'access-policy-deleted':
        this.#accessPolicy = null;
        return;
      case 'lock':
        this.#lock = { ...record, ...stored(record.policy), expiresAt: record.at + LOCK_PENDING_MS };
        return;
      case 'lock-completed':
        if (this.#lock !== null) this.#lock = { ...this.#lock, expiresAt: null };
        return;
      case 'lock-aborted':
        this.#lock = null;
    }
  }
}

function stored(text: string): StoredPolicy {
  return { text, policy: parsePolicy(text) };
}
