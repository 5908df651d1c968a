// Whole lives of a restore over days: waves, expiry, throttling, failures, refusals, lost answers, kills on both sides.
// At full size: LIFE_FILES=1000 LIFE_KILLS=200 npx vitest run test/program/restore-life.test.ts

import { existsSync, readdirSync } from 'node:fs';
import { GlacierClient, SetDataRetrievalPolicyCommand } from '@aws-sdk/client-glacier';
import { describe, expect, it } from 'vitest';
import { Dice } from '../edges/local-server/dice.js';
import { contentOf, filesIn, kept, Ledger, lose, photos } from './lost-photos.js';
import { type SimulatedRun, SimulatedTime, type Told } from './simulated-time.js';

const FILES = Number(process.env['LIFE_FILES'] ?? 100);
/** So often the program is killed, or the server in its place. */
const KILLS = Number(process.env['LIFE_KILLS'] ?? 12);
const SEED = Number(process.env['LIFE_SEED'] ?? Date.now() % 2 ** 32);
/** Every so many kills it is the server that is killed. */
const SERVER_EVERY = 5;
const DAY = 24 * 3600;
/** Lines of output between two kills, at most. */
const LINES_MAX = Math.ceil((4 * FILES) / KILLS);

const TOTAL = Array.from({ length: FILES }, (_, index) => contentOf(index).length).reduce((a, b) => a + b);
/** Of the line, in bytes a second: so many waves are needed at least. */
const WAVES = 8;
const LINE = Math.ceil(TOTAL / WAVES / (0.75 * 24 * 3600));

/** The policy of the account, which holds at once. */
async function limitRetrievals(time: SimulatedTime, bytesPerHour: number | null): Promise<void> {
  const { endpoint, region, accessKeyId, secretAccessKey } = time.served;
  const client = new GlacierClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const rule = bytesPerHour === null ? { Strategy: 'None' } : { Strategy: 'BytesPerHour', BytesPerHour: bytesPerHour };
  await client.send(new SetDataRetrievalPolicyCommand({ accountId: '-', Policy: { Rules: [rule] } }));
  client.destroy();
}

const DENIED = { status: 400, code: 'PolicyEnforcedException', message: 'denied by the data retrieval policy' };

/** What goes wrong at the server, however often that is started. */
async function troubleAt(time: SimulatedTime, dice: Dice): Promise<void> {
  await time.changeConditions({ requestsPerSecond: 60 });
  const seed = dice.below(1000);
  await time.addFault({ operation: 'InitiateJob', fault: 'lost-answer', probability: 0.04, seed });
  await time.addFault({ operation: 'InitiateJob', fault: 'error', ...DENIED, every: 25 });
  await time.addFault({ operation: 'GetJobOutput', fault: 'corrupt', probability: 0.03, seed });
  await time.addFault({ operation: 'ListJobs', fault: 'truncate', probability: 0.05, seed });
}

const isSleeping = (told: Told): told is Told & { until: string } => told.event === 'sleeping';
const secondsOf = (until: string): number => Date.parse(until) / 1000;

describe('a restore over days', () => {
  it(`ends with every file, and nothing is asked for twice without need (${FILES} files, ${KILLS} kills, LIFE_SEED=${SEED})`, {
    timeout: 1_800_000,
  }, async () => {
    await using time = await SimulatedTime.open();
    await lose(time, FILES);
    const ledger = await Ledger.of(time);
    const dice = new Dice(SEED);
    await troubleAt(time, dice);
    const began = time.now;
    const failed = new Set<string>();
    const counts = { kills: 0, serverKills: 0, lapses: 0, failures: 0, refusals: 0, retries: 0, sleeps: 0, runs: 0 };
    const pace = ['--line-speed', `${LINE}B`, '--max-bytes-per-hour', `${Math.ceil(TOTAL / 20)}B`];
    const begin = (): SimulatedRun => {
      counts.runs++;
      const words =
        counts.runs > 1 && dice.chance(0.5)
          ? ['watch', ...photos(time)]
          : ['restore', ...kept(time), '--wait', ...pace];
      return time.run(...words, '--poll-interval', '30m', '--segment-size', '1');
    };
    let run = begin();
    let linesLeft = 1 + dice.below(LINES_MAX);
    for (;;) {
      const told = await run.next();
      if (told === null) {
        const exitCode = await run.exitCode();
        if (!existsSync(time.at('photos.journal.restores'))) {
          expect(exitCode, JSON.stringify(run.last)).toBe(0);
          break;
        }
        expect(exitCode, JSON.stringify(run.last)).toBeNull();
        run = begin();
        continue;
      }
      if (counts.kills < KILLS && --linesLeft <= 0) {
        counts.kills++;
        linesLeft = 1 + dice.below(LINES_MAX);
        if (counts.kills % SERVER_EVERY === 0) {
          counts.serverKills++;
          await time.killServer();
          await time.serve();
          await troubleAt(time, dice);
        } else {
          run.kill();
          await run.exitCode();
          run = begin();
          continue;
        }
      }
      if (told.event === 'retrying') counts.retries++;
      if (told['topic'] === 'asking-later') counts.refusals++;
      if (!isSleeping(told)) continue;
      ledger.audit();
      counts.sleeps++;
      const running = ledger.jobs.filter(({ endsAt }) => endsAt > time.now * 1000);
      // One that fails again and again is given up, and rightly so.
      const mayFail = running.filter(({ archiveId }) => !failed.has(archiveId));
      if (counts.failures < FILES / 10 && mayFail.length > 0 && dice.chance(0.1)) {
        counts.failures++;
        const { id, archiveId } = dice.pick(mayFail);
        failed.add(archiveId);
        await time.endJob({ vault: 'photos', job: id, failure: 'InternalError' });
      }
      if (dice.chance(0.1)) await limitRetrievals(time, dice.chance(0.5) ? Math.ceil(TOTAL / 40) : null);
      const jumps = running.length > 0 && counts.lapses < 3 && dice.chance(0.1);
      if (jumps) counts.lapses++;
      await time.moveTo(jumps ? time.now + 2 * DAY : secondsOf(told.until));
    }
    ledger.audit();
    expect(counts.refusals).toBeGreaterThan(0);
    expect(ledger.needless).toEqual([]);
    expect(ledger.most).toBeLessThanOrEqual(LINE * 0.75 * DAY);
    expect(filesIn(time.at('kept'))).toEqual(filesIn(time.at('lost')));
    expect(readdirSync(time.home).filter((name) => name.includes('.restores'))).toEqual([]);
    const days = (time.now - began) / DAY;
    if (FILES > 100) console.log({ ...counts, days, jobs: ledger.jobs.length, most: ledger.most, total: TOTAL });
    expect(days).toBeGreaterThan(3);
  });
});
