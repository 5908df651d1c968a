// Case 128: what is published when a job ends.

import { expect } from 'vitest';
import type { Notices } from '../../../../src/edges/local-server/notices/notice-port.js';
import { askForJob, type RawRequest, uploadWhole } from '../raw-client.js';
import { type Area, row } from './row.js';
import { get, HELLO, put, Stage } from './stage.js';

const OF_VAULT = 'arn:aws:sns:us-east-1:123456789012:vault';
const OF_JOB = 'arn:aws:sns:us-east-1:123456789012:job';

/** Keeps what it is told, and tells when there is so much of it. */
class Listener implements Notices {
  readonly told: unknown[] = [];
  #arrived = () => undefined as void;

  publish(topic: string, message: string, subject: string | null): Promise<void> {
    this.told.push({ topic, message, subject });
    this.#arrived();
    return Promise.resolve();
  }

  async hears(count: number): Promise<readonly unknown[]> {
    while (this.told.length < count) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    return this.told;
  }
}

const listener = new Listener();
const TO_VAULT = { SNSTopic: OF_VAULT, Events: ['ArchiveRetrievalCompleted'] };
const WANTED = { Type: 'archive-retrieval' };
const describeJob = (stage: Stage): RawRequest => get(`V/jobs/${stage.ids['job']}`);

export const notices: Area = {
  name: 'notices',
  stage: new Stage(
    async (stage) => {
      await stage.makeVaults('V');
      await stage.done(put('V/notification-configuration', TO_VAULT));
    },
    { notices: listener },
  ),
  rows: [
    row(128, 'with both topics configured there are two, with the text of DescribeJob', describeJob, 200, {
      before: async (stage) => {
        stage.ids['archive'] = await uploadWhole(stage.vault, 'V', HELLO);
        const wanted = { ...WANTED, ArchiveId: stage.ids['archive'], SNSTopic: OF_JOB };
        stage.ids['job'] = await askForJob(stage.vault, 'V', wanted);
        expect(listener.told).toEqual([]);
        await stage.vault.control.advanceClock(5000);
      },
      afterwards: async (_, { body }) => {
        const message = body.toString();
        expect(await listener.hears(2)).toEqual([
          { topic: OF_VAULT, message, subject: null },
          { topic: OF_JOB, message, subject: null },
        ]);
        expect(Object.keys(JSON.parse(message) as object)).toEqual(KEYS);
      },
    }),
    row(128, 'the topic of the vault alone is told of a job that ends the moment it was set', describeJob, 200, {
      before: async (stage) => {
        await stage.done(put('V/notification-configuration', TO_VAULT));
        stage.ids['job'] = await askForJob(stage.vault, 'V', { ...WANTED, ArchiveId: stage.ids['archive'] });
        await stage.vault.control.endJob({ vault: 'V', job: stage.ids['job'] });
      },
      afterwards: async (_, { body }) => {
        expect((await listener.hears(3))[2]).toEqual({ topic: OF_VAULT, message: body.toString(), subject: null });
      },
    }),
  ],
};

const KEYS = [
  'Action',
  'ArchiveId',
  'ArchiveSHA256TreeHash',
  'ArchiveSizeInBytes',
  'Completed',
  'CompletionDate',
  'CreationDate',
  'InventoryRetrievalParameters',
  'InventorySizeInBytes',
  'JobDescription',
  'JobId',
  'RetrievalByteRange',
  'SHA256TreeHash',
  'SNSTopic',
  'StatusCode',
  'StatusMessage',
  'Tier',
  'VaultARN',
];
