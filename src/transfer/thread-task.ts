// What passes between the main thread and a transfer thread: all of it plain data, and a line for each task.

import type { MessagePort } from 'node:worker_threads';
import type { LandingFile } from '../disk/landing-file.js';
import type { Location } from '../disk/place.js';
import type { FailureCode } from '../model/failure.js';
import type { HashEngineName } from '../model/hash-engine.js';
import type { UploadId, VaultName } from '../model/identifiers.js';
import type { LocalFile } from '../model/local-file.js';
import type { ByteRange } from '../model/parts.js';
import type { TreeHash } from '../model/tree-hash.js';
import type { VaultSettings } from '../vault/open.js';
import type { StoredArchive } from '../vault/port.js';
import type { ReadyRetrieval } from '../vault/retrieving-port.js';
import type { SharedBandwidth } from './bandwidth.js';

/** What a thread knows from its start. */
export interface ThreadSettings {
  /** Null where files are only hashed. */
  readonly vault: { readonly settings: VaultSettings; readonly name: VaultName } | null;
  /** Null where nothing is ever held back. */
  readonly bandwidth: SharedBandwidth | null;
  readonly engine: HashEngineName;
  /** Tasks that it does at once. */
  readonly lanes: number;
  readonly streamFrom: number;
}

/** A file, and where it is: the thread need not know how names stand in bytes. */
interface LocatedFile {
  readonly file: LocalFile;
  readonly location: Location | Uint8Array;
}

export type ThreadTask =
  | ({ readonly do: 'hash-range'; readonly range: ByteRange } & LocatedFile)
  | ({ readonly do: 'send-whole'; readonly description: string } & LocatedFile)
  | ({
      readonly do: 'send-part';
      readonly upload: UploadId;
      readonly range: ByteRange;
      readonly held: TreeHash | null;
    } & LocatedFile)
  | {
      readonly do: 'fetch-range';
      readonly ready: ReadyRetrieval;
      readonly range: ByteRange;
      readonly into: LandingFile;
    }
  | {
      readonly do: 'has-landed';
      readonly landed: LandingFile;
      readonly range: ByteRange;
      readonly treeHash: TreeHash;
    };

/** What comes of each task. */
export interface TaskResults {
  readonly 'hash-range': TreeHash;
  readonly 'send-whole': { readonly stored: StoredArchive; readonly treeHash: TreeHash };
  readonly 'send-part': { readonly treeHash: TreeHash; readonly sent: boolean };
  readonly 'fetch-range': TreeHash;
  readonly 'has-landed': boolean;
}

/** A task on its way to a thread. The thread tells its events through the line, and hears there when it is to stop. */
export interface AssignedTask {
  readonly task: ThreadTask;
  readonly line: MessagePort;
}

/** Through the line, to the thread: stop. `RunEvent`s go the other way. */
export const STOP = 'stop';

/** How a task ended. A failure is taken apart, because errors lose all but their text on the way. */
export type Outcome =
  | { readonly ended: 'done'; readonly result: TaskResults[keyof TaskResults] }
  | {
      readonly ended: 'failed';
      readonly code: FailureCode;
      readonly message: string;
      readonly hint: string | undefined;
    }
  /** A defect of ours. */
  | { readonly ended: 'broken'; readonly error: unknown };
