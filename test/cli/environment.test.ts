// Options in environment variables.

import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/cli/words/command.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { ownVariables, readEnvironment } from '../../src/cli/words/environment.js';
import { refusal, SYNC, settled } from './settled.js';

describe('environment', () => {
  const sync = COMMANDS.find(({ name }) => name === 'sync');

  it('environment: only our variables are looked at, empty ones not', () => {
    const environment = { MTGLACIER_DIR: 'd', MTGLACIER_VAULT: '', mtglacier_json: '1', DIR: 'x', AWS_PROFILE: 'p' };
    expect(ownVariables(environment)).toEqual({ MTGLACIER_DIR: 'd' });
  });

  it('environment: an unknown variable of ours gives a notice with the name that may be meant', () => {
    const { entries, notices } = readEnvironment(new Map([['MTGLACIER_JURNAL', 'j']]), sync as Command);
    expect(entries.size).toBe(0);
    expect(notices).toEqual([
      {
        topic: 'unknown-variable',
        message: 'MTGLACIER_JURNAL is no option of this program',
        hint: 'did you mean MTGLACIER_JOURNAL?',
      },
    ]);
  });

  it('environment: an old name is no variable', () => {
    expect(readEnvironment(new Map([['MTGLACIER_TO_VAULT', 'v']]), sync as Command).notices).toHaveLength(1);
  });

  it('environment: all that cannot stand there is told at once', () => {
    const variables = new Map([
      ['MTGLACIER_FILTER', '-'],
      ['MTGLACIER_DELETE_EVERYTHING', '1'],
    ]);
    expect(refusal(() => readEnvironment(variables, sync as Command))).toBe(
      'USAGE MTGLACIER_FILTER: filter cannot stand in the environment\n' +
        'MTGLACIER_DELETE_EVERYTHING: delete-everything cannot stand in the environment',
    );
  });

  it('environment: a value that is wrong is told with its variable', () => {
    expect(refusal(() => settled(SYNC, '', { MTGLACIER_CONCURRENCY: '0' }))).toBe(
      'USAGE MTGLACIER_CONCURRENCY must be a whole number from 1 to 64, not "0"',
    );
    expect(refusal(() => settled('sync --dir . --journal j', '', { MTGLACIER_VAULT: 'a b' }))).toBe(
      'USAGE MTGLACIER_VAULT: vault name "a b" is not allowed',
    );
  });
});
