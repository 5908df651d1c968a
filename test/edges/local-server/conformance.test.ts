// The 150 conformance cases of the Glacier reference, each a row or several: sent as raw HTTP with a signer of the tests' own.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { provisionedCapacity, retrievalPolicy } from './conformance/account.js';
import { archives } from './conformance/archives.js';
import { inventories, snapshots } from './conformance/inventories.js';
import { jobOutput } from './conformance/job-output.js';
import { jobs } from './conformance/jobs.js';
import { notices } from './conformance/notices.js';
import { protocol } from './conformance/protocol.js';
import { checkRow } from './conformance/row.js';
import { accessPolicies, notifications, tags, vaultLocks } from './conformance/settings.js';
import { completions, parts } from './conformance/uploads.js';
import { daily, lists, vaults } from './conformance/vaults.js';

const AREAS = [
  vaults,
  lists,
  daily,
  protocol,
  archives,
  parts,
  completions,
  jobs,
  jobOutput,
  inventories,
  snapshots,
  notifications,
  notices,
  accessPolicies,
  vaultLocks,
  tags,
  retrievalPolicy,
  provisionedCapacity,
];

describe.each(AREAS.map((area) => [area.name, area] as const))('local vault conformance: %s', (_, { stage, rows }) => {
  beforeAll(() => stage.open());
  afterAll(() => stage.close());

  test.each(rows.map((row) => [row.case, row.that, row] as const))('case %i: %s', (_case, _that, row) =>
    checkRow(stage, row),
  );
});

test('local vault conformance: every case of the reference is a row', () => {
  const cases = new Set(AREAS.flatMap(({ rows }) => rows.map((row) => row.case)));
  expect([...cases].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
});
