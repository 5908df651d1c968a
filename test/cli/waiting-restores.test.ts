// Restores that wait, as users type them: restore --wait, watch, restore-completed --wait, and who is told of their end.

import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { Time } from '../../src/cli/system-time.js';
import { Instant } from '../../src/model/clock.js';
import { tableFor } from '../plan/prices/quoted.js';
import { openWorkplace, type Workplace } from '../program/workplace.js';
import { FakeProcess } from './fakes.js';
import { eventsIn, type Seen, typed } from './typed.js';

const FILES = { a: 'first', 'deep/b': 'second', large: 'x'.repeat(3 * 2 ** 20) };

/** When the server has answered nothing for so many turns of the event loop, nothing is under way. */
const TURNS = 2000;

/** The vault's clock, which is moved on when nothing else happens any more. */
function timeOf(place: Workplace, stopAt = Number.POSITIVE_INFINITY): Time & { stopped: () => void } {
  const { control } = place.server;
  let stopped = (): void => undefined;
  return {
    clock: { now: () => Instant.ofMs(control.now()) },
    alarm: {
      async until(at, signal) {
        let answered = answersOf(place);
        for (let turn = 0; turn < TURNS && !signal.aborted; turn++) {
          await setImmediate();
          if (turn % 100 > 0) continue;
          const now = answersOf(place);
          if (now !== answered) [answered, turn] = [now, 0];
        }
        if (signal.aborted) return;
        if (at * 1000 >= stopAt) {
          stopped();
          if (!signal.aborted) await once(signal, 'abort');
          return;
        }
        place.passHours(Math.max(0, at * 1000 - control.now() + 1000) / 3_600_000);
      },
    },
    get stopped() {
      return stopped;
    },
    set stopped(then) {
      stopped = then;
    },
  };
}

function answersOf({ server }: Workplace): number {
  const counts = Object.values(server.control.requests().counts);
  return counts.flatMap((byStatus) => Object.values(byStatus)).reduce((sum, count) => sum + count, 0);
}

/** Files that were stored and lost, in a vault that takes hours. */
async function lost() {
  const place = await openWorkplace('waiting');
  const kept = place.at('kept');
  const journal = place.at('photos.journal');
  const restoreFiles = (): void => {
    for (const [name, content] of Object.entries(FILES)) {
      mkdirSync(join(kept, name, '..'), { recursive: true });
      writeFileSync(join(kept, name), content);
    }
  };
  restoreFiles();
  const known = ['--vault', 'photos', '--journal', journal, ...place.config];
  expect((await typed(['create-vault', 'photos', ...place.config])).exitCode).toBe(0);
  expect((await typed(['sync', '--dir', kept, ...known])).exitCode).toBe(0);
  rmSync(kept, { recursive: true });
  mkdirSync(kept);
  const time = timeOf(place);
  return {
    place,
    kept,
    journal,
    plans: `${journal}.restores`,
    type: (command: string, ...words: string[]): Promise<Seen> => {
      const dir = command === 'watch' ? [] : ['--dir', kept];
      return typed([command, ...dir, ...known, ...words], {}, { time });
    },
    typeUntil: async (stopAt: number, command: string, ...words: string[]): Promise<Seen> => {
      const ending = timeOf(place, stopAt);
      const process = new FakeProcess();
      ending.stopped = () => process.send('SIGINT');
      const dir = command === 'watch' ? [] : ['--dir', kept];
      return typed([command, ...dir, ...known, ...words], {}, { time: ending, process });
    },
    expectAllHere: (): void => {
      for (const [name, content] of Object.entries(FILES)) {
        expect(readFileSync(join(kept, name), 'utf8') === content, name).toBe(true);
      }
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

function requests({ server }: Workplace, operation: string): number {
  const counts = server.control.requests().counts[operation as 'InitiateJob'] ?? {};
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

describe('waiting restores', () => {
  it('restore --wait: hours later all is here, each asked for once, and no plan is left', async () => {
    await using own = await lost();
    const before = own.place.server.control.now();
    const { exitCode, stdout, stderr } = await own.type('restore', '--wait');
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('ERROR')]);
    own.expectAllHere();
    expect(own.place.server.control.now() - before).toBeGreaterThan(3 * 3_600_000);
    expect(requests(own.place, 'InitiateJob')).toBe(3);
    expect(existsSync(own.plans)).toBe(false);
    expect(stdout).toContain('restored and verified  3');
    expect(stderr).toMatch(/wave 1: 3 files, 3.0 MiB requested, expected/);
    expect(stderr).toMatch(/wave 1: 3 of 3 here/);
  });

  it('restore, later watch: what was accepted is brought home by whoever watches', async () => {
    await using own = await lost();
    expect((await own.type('restore')).exitCode).toBe(75);
    expect(existsSync(own.plans)).toBe(true);
    const { exitCode, stderr } = await own.type('watch');
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining(`"${own.kept}", under way before: 3 of 3 here`)]);
    own.expectAllHere();
    expect(existsSync(own.plans)).toBe(false);
    expect(requests(own.place, 'InitiateJob')).toBe(3);
    const again = await own.type('watch');
    expect([again.exitCode, again.stderr]).toEqual([0, expect.stringContaining('no accepted restore is under way')]);
  });

  it('watch: of more than was accepted it says how to have it, and what it says it takes', async () => {
    await using own = await lost();
    expect((await own.type('restore', '--max-number-of-files', '1')).exitCode).toBe(75);
    const { exitCode, stdout } = await own.type('watch');
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('accept more with mtglacier restore.\n')]);
    expect(stdout).not.toContain('raise --');
  });

  it('restore --wait: stopped by Ctrl-C it says what to do, and goes on', async () => {
    await using own = await lost();
    const soon = own.place.server.control.now() + 3_600_000;
    const { exitCode, stderr } = await own.typeUntil(soon, 'restore', '--wait');
    expect([exitCode, stderr]).toEqual([130, expect.stringContaining('it goes on where this run stopped')]);
    expect((await own.type('restore', '--wait')).exitCode).toBe(0);
    own.expectAllHere();
    expect(requests(own.place, 'InitiateJob')).toBe(3);
  });

  it('restore --wait: another process that waits for the same is told of', async () => {
    await using own = await lost();
    const waiting = new FakeProcess();
    const time = timeOf(own.place, 0);
    const ready = new Promise<void>((resolve) => {
      time.stopped = resolve;
    });
    const words = ['--vault', 'photos', '--journal', own.journal, ...own.place.config];
    const first = typed(['restore', '--dir', own.kept, ...words, '--wait'], {}, { time, process: waiting });
    await ready;
    const second = await own.type('restore', '--wait');
    expect([second.exitCode, second.stderr]).toEqual([
      7,
      expect.stringContaining('another process waits for this restore already'),
    ]);
    const watch = await own.type('watch');
    expect([watch.exitCode, watch.stderr]).toEqual([
      0,
      expect.stringContaining('another process waits for this restore already'),
    ]);
    expect(watch.stdout).not.toContain('Nothing to restore');
    waiting.send('SIGINT');
    expect((await first).exitCode).toBe(130);
  });

  it('restore-completed --wait: fetches what is under way and asks for nothing', async () => {
    await using own = await lost();
    expect((await own.type('restore', '--max-number-of-files', '2')).exitCode).toBe(75);
    const { exitCode, stdout } = await own.type('restore-completed', '--wait');
    expect(stdout).toMatch(/restored and verified +2/);
    expect(stdout).toMatch(/missing, beyond what was accepted +1/);
    expect(exitCode).toBe(8);
    expect(requests(own.place, 'InitiateJob')).toBe(2);
  });

  it('restore-completed: the plan of what it has brought is at its end', async () => {
    await using own = await lost();
    await own.type('restore');
    own.place.passHours(6);
    expect((await own.type('restore-completed')).exitCode).toBe(0);
    own.expectAllHere();
    expect(existsSync(own.plans)).toBe(false);
  });

  it('watch: a directory that is not there is named, and the plan stays', async () => {
    await using own = await lost();
    await own.type('restore');
    rmSync(own.kept, { recursive: true });
    const { exitCode, stderr } = await own.type('watch');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(own.kept)]);
    expect(stderr).toContain('mount or make the directory');
    expect(existsSync(own.plans)).toBe(true);
  });

  it('watch: a restore that fails is told of while the others go on, and each that fails by its name', async () => {
    await using own = await lost();
    const known = ['--vault', 'photos', '--journal', own.journal, ...own.place.config];
    const gone = ['gone', 'away'].map((name) => own.place.at(name));
    for (const dir of gone) {
      mkdirSync(dir);
      expect((await typed(['restore', '--dir', dir, ...known])).exitCode).toBe(75);
      rmSync(dir, { recursive: true });
    }
    expect((await own.type('restore')).exitCode).toBe(75);
    const { exitCode, stderr } = await own.type('watch');
    expect(exitCode).toBe(2);
    own.expectAllHere();
    const allHere = stderr.indexOf('3 of 3 here');
    for (const dir of gone) {
      const told = stderr.indexOf(`the restore of "${dir}" has ended: ${dir} is not a directory`);
      expect([told >= 0, told < allHere], dir).toEqual([true, true]);
    }
    expect(requests(own.place, 'InitiateJob')).toBe(3);
  });

  it('watch: several restores do not stand in the way of one another, and the limit of their time is told once', async () => {
    await using own = await lost();
    const known = ['--vault', 'photos', '--journal', own.journal, ...own.place.config];
    const other = own.place.at('other');
    mkdirSync(other);
    await typed(['restore', '--dir', other, ...known]);
    await own.type('restore');
    const time = timeOf(own.place, 0);
    const { exitCode, stderr } = await typed(['watch', ...known, '--max-duration', '1s'], {}, { time });
    expect(exitCode).toBe(75);
    expect(stderr.split('the limit of --max-duration is reached').length - 1).toBe(1);
    expect(stderr).not.toContain('locked');
  });

  it('watch, restore --wait: what was accepted up to a price is not gone on with where prices are not known', async () => {
    await using own = await lost();
    const [known, unknown] = [own.place.at('known.json'), own.place.at('unknown.json')];
    writeFileSync(known, tableFor(own.place.server.region));
    writeFileSync(unknown, tableFor('eu-west-1'));
    const limits = ['--max-cost', '5'];
    expect((await own.type('restore', ...limits, '--prices', known)).exitCode).toBe(75);
    const plans = readFileSync(own.plans, 'utf8');
    for (const words of [['watch'], ['restore', '--wait', ...limits]] as const) {
      const { exitCode, stderr } = await own.type(words[0], ...words.slice(1), '--prices', unknown);
      expect([exitCode, stderr]).toEqual([6, expect.stringContaining('are not in the table')]);
    }
    expect(readFileSync(own.plans, 'utf8')).toBe(plans);
    expect(requests(own.place, 'InitiateJob')).toBe(3);
    expect((await own.type('watch', '--prices', known)).exitCode).toBe(0);
    own.expectAllHere();
  });

  it('a plan file that is damaged, or of a newer program, is named, and nothing is asked for', async () => {
    await using own = await lost();
    for (const [text, what] of [
      ['{', 'is damaged'],
      ['{"version":"B","plans":[]}', 'was written by a newer version'],
      ['{"version":"A","plans":[{"id":1}]}', 'is damaged'],
    ] as const) {
      writeFileSync(own.plans, text);
      for (const command of ['restore', 'watch']) {
        const { exitCode, stderr } = await own.type(command);
        expect([exitCode, stderr]).toEqual([7, expect.stringContaining(`photos.journal.restores" ${what}`)]);
      }
    }
    expect(requests(own.place, 'InitiateJob')).toBe(0);
  });

  it('--on-complete: the command gets the outcome, and its failure is told and no more', async () => {
    await using own = await lost();
    const file = own.place.at('told');
    const { exitCode, stderr } = await own.type(
      'restore',
      '--wait',
      '--on-complete',
      `cat > ${file}; echo $GLACIER_RESTORED >> ${file}; exit 3`,
    );
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('--on-complete: the command ended with 3')]);
    const [told = '', count] = readFileSync(file, 'utf8').replace('}3', '}\n3').split('\n');
    expect(JSON.parse(told)).toMatchObject({
      event: 'restore-ended',
      outcome: 'done',
      restored: 3,
      failed: 0,
      vault: 'photos',
    });
    expect(count).toBe('3');
  });

  it('--webhook: the address is posted to, also when the restore fails, and not when it was interrupted', async () => {
    await using own = await lost();
    const posts: unknown[] = [];
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        posts.push(JSON.parse(Buffer.concat(chunks).toString()));
        response.writeHead(posts.length === 1 ? 500 : 204).end();
      });
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const webhook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/told`;
    try {
      const interrupted = await own.typeUntil(0, 'restore', '--wait', '--webhook', webhook);
      expect([interrupted.exitCode, posts]).toEqual([130, []]);
      const { exitCode, stderr } = await own.type('watch', '--webhook', webhook);
      expect([exitCode, stderr]).toEqual([0, expect.stringContaining('--webhook: the answer was 500')]);
      expect(posts).toEqual([expect.objectContaining({ outcome: 'done', restored: 3, directory: own.kept })]);
    } finally {
      receiver.close();
    }
  });

  it('--on-complete, --webhook: a command that takes too long is ended and told of, and takes no time from the address', async () => {
    await using own = await lost();
    let posts = 0;
    const receiver = createServer((request, response) => {
      posts++;
      request.resume().on('end', () => response.writeHead(204).end());
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const webhook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/told`;
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const minute = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout(ms === 60_000 ? 300 : ms));
    try {
      const words = ['--wait', '--on-complete', 'exec sleep 3600', '--webhook', webhook];
      const { exitCode, stderr } = await own.type('restore', ...words);
      expect([exitCode, posts]).toEqual([0, 1]);
      expect(stderr).toContain('--on-complete: not done in 60 seconds, and given up');
      expect(stderr).not.toContain('--webhook:');
    } finally {
      minute.mockRestore();
      receiver.close();
    }
  });

  it('--webhook: a name and a password in the address are sent as such, and shown nowhere; an address that is dead is told with its cause', async () => {
    await using own = await lost();
    const keys: unknown[] = [];
    const receiver = createServer((request, response) => {
      keys.push(request.headers.authorization);
      request.resume().on('end', () => response.writeHead(200).end());
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const { port } = receiver.address() as AddressInfo;
    const webhook = `http://me:pass%20word@127.0.0.1:${port}/hooks/T0KEN-T0KEN`;
    const told = await own.type('restore', '--wait', '--json', '--webhook', webhook).finally(() => receiver.close());
    expect([told.exitCode, keys]).toEqual([0, [`Basic ${Buffer.from('me:pass word').toString('base64')}`]]);
    const runs = `${own.journal}.runs`;
    const records = readdirSync(runs).map((name) => readFileSync(join(runs, name), 'utf8'));
    for (const text of [told.stdout, told.stderr, ...records]) expect(text).not.toMatch(/T0KEN|pass%20word/);
    rmSync(join(own.kept, 'a'));
    const dead = await own.type('restore', '--wait', '--webhook', webhook);
    expect([dead.exitCode, dead.stderr]).toEqual([0, expect.stringMatching(/--webhook: .*ECONNREFUSED/)]);
    expect(dead.stderr).not.toMatch(/T0KEN|pass%20word/);
  });

  it.each([['restore'], ['get', 'a']])(
    '%s: a topic of another region is refused before anything is asked for',
    async (...words) => {
      await using own = await lost();
      const topic = 'arn:aws:sns:ap-south-1:123456789012:ready';
      const { exitCode, stderr } = await own.type(words[0] ?? '', ...words.slice(1), '--sns-topic', topic);
      expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/is in ap-south-1, and the vault is in us-east-1/)]);
      expect(requests(own.place, 'InitiateJob')).toBe(0);
    },
  );

  it('--json: waves and waits are events, with times', async () => {
    await using own = await lost();
    const { stdout } = await own.type('restore', '--wait', '--json');
    const waves = eventsIn(stdout, 'wave');
    expect(waves.map(({ wave, state }) => [wave, state])).toEqual(
      [
        [1, 'requested'],
        [1, 'ready'],
        [1, 'ready'],
        [1, 'ended'],
      ].slice(0, waves.length),
    );
    expect(waves.at(-1)).toMatchObject({ state: 'ended', files: 3, here: 3, lost: 0 });
    expect(eventsIn(stdout, 'sleeping')[0]).toMatchObject({ underWay: 3, until: expect.stringMatching(/^\d{4}-.*Z$/) });
  });
});
