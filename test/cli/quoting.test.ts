// Quotes and the brake on costs as a command has them, against a local vault.

import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CommandContext } from '../../src/cli/command-context.js';
import { BANDWIDTH, COMMON, CONNECTION } from '../../src/cli/command-table/building-blocks.js';
import { connect } from '../../src/cli/connection.js';
import { CLEAN } from '../../src/cli/exit-codes.js';
import {
  acceptCost,
  costBy,
  placeOfConnection,
  placeOffline,
  quoting,
  reckoningFor,
  tellQuote,
} from '../../src/cli/quoting.js';
import { runProgram } from '../../src/cli/run-program.js';
import { type Command, command } from '../../src/cli/words/command.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import type { Settings } from '../../src/cli/words/options.js';
import type { Demand } from '../../src/plan/prices/quote.js';
import { send } from '../edges/local-server/raw-client.js';
import { demandFor, demandOfMany, GIB, MIB, tableFor } from '../plan/prices/quoted.js';
import { objectsOf, openWorkplace, type Workplace } from '../program/workplace.js';
import { FakeProcess, FakeStream } from './fakes.js';

const MUCH = demandOfMany(1_000_000, 1000 * GIB);
const ASKED = 'asked for at most';

/** A command `ask` that would ask for so much, and does so when it may. */
function asking(demand: Demand): Command[] {
  const run = async (context: CommandContext) => {
    await using connection = await connect(context);
    const quoted = await quoting(context, await placeOfConnection(context, connection), demand);
    if (context.settings.quote) tellQuote(context, quoted);
    else context.answer({ event: 'asked', fields: {}, lines: [`${ASKED} ${acceptCost(context, quoted)}`] });
    return context.finish({ tables: [], outcome: CLEAN, next: [] });
  };
  const uses = ['quote', 'tier', 'max-cost', 'safe-cost', 'prices', 'line-speed', 'max-bytes-per-hour'] as const;
  const about = { group: 'Tests', summary: 'ask', about: 'Asks.', examples: [], mandatory: [] };
  return [command({ name: 'ask', ...about, uses: [...uses, ...BANDWIDTH, ...CONNECTION, ...COMMON], run })];
}

async function mtglacier(place: Workplace, commands: readonly Command[], words: readonly string[]) {
  const [stdout, stderr] = [new FakeStream(), new FakeStream()];
  const outputs = { stdout: stdout.open(), stderr: stderr.open() };
  const argv = [...words, ...place.config];
  const process = new FakeProcess();
  const exitCode = await runProgram({ argv, environment: {}, commands: async () => commands, ...outputs, process });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

/** A local vault, a table for its region, and what `ask` does there. */
async function market() {
  const place = await openWorkplace('market');
  writeFileSync(place.at('prices.json'), tableFor(place.server.region));
  return {
    place,
    prices: ['--prices', place.at('prices.json')],
    ask: (demand: Demand, ...words: string[]) => mtglacier(place, asking(demand), ['ask', ...words]),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

function setPolicy({ server }: Workplace, rule: Record<string, unknown>) {
  const body = JSON.stringify({ Policy: { Rules: [rule] } });
  return send(server, { method: 'PUT', path: '/-/policies/data-retrieval', body });
}

describe('brake on costs', () => {
  it('quoting: vaults that are not at AWS cost nothing, so nothing is held back or told', async () => {
    await using own = await market();
    const { exitCode, stdout } = await own.ask(MUCH, '--tier', 'Expedited');
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(new RegExp(`^${ASKED} 1000000\n`))]);
  });

  it('quoting: what costs too much ends with 6 and the quote; the hint says what to add, and that lets it pass', async () => {
    await using own = await market();
    // 1,000,000 / 1000 × $0.05 = $50; 1000 × $0.01 = $10
    const { exitCode, stdout, stderr } = await own.ask(MUCH, ...own.prices);
    expect(exitCode).toBe(6);
    expect(stdout).toMatch(/^Quote: 1000000 archives to ask for, 1000\.0 GiB/);
    expect(stdout).toMatch(/^\* {2}Standard +\$50\.00 +\$10\.00 +\$60\.00 /m);
    expect(stdout).toContain(`An estimate by the prices of ${own.place.server.region} as of 2026-11-20 (`);
    expect(stdout).not.toContain(ASKED);
    expect(stderr).toBe(
      'ERROR: retrieving 1000000 archives in tier Standard would cost about $60.00, more than --safe-cost $1.00: nothing is asked for\n' +
        'hint: to accept the price add --max-cost 60, or ask for less\n',
    );
    const accepted = await own.ask(MUCH, ...own.prices, '--max-cost', '60');
    expect([accepted.exitCode, accepted.stdout]).toEqual([0, expect.stringContaining(`${ASKED} 60000000\n`)]);
    expect((await own.ask(MUCH, ...own.prices, '--max-cost', '59.99')).exitCode).toBe(6);
  });

  it('quoting: for programs the quote comes before the error', async () => {
    await using own = await market();
    const { exitCode, stdout } = await own.ask(MUCH, ...own.prices, '--json');
    expect(exitCode).toBe(6);
    const events = objectsOf(stdout).map(({ event }) => event);
    expect(events.slice(-2)).toEqual(['quote', 'error']);
    expect(objectsOf(stdout).at(-1)).toMatchObject({ code: 'BRAKE', exitCode: 6 });
    expect(objectsOf(stdout).at(-2)).toMatchObject({ tiers: [{}, { tier: 'Standard', cost: { total: 60 } }, {}] });
  });

  it('quoting: the limits can stand in the config, and off takes them back', async () => {
    await using own = await market();
    const config = own.place.at('limits.cfg');
    const server = own.place.server;
    const keys = `endpoint=${server.endpoint}\nregion=${server.region}\nkey=${server.accessKeyId}\nsecret=${server.secretAccessKey}\n`;
    writeFileSync(config, `${keys}max-cost = 100\nprices = ${own.place.at('prices.json')}\n`, { mode: 0o600 });
    const there = { ...own.place, config: ['--config', config] };
    const ask = (...words: string[]) => mtglacier(there, asking(MUCH), ['ask', ...words]);
    expect((await ask()).exitCode).toBe(0);
    expect((await ask('--max-cost', 'off')).exitCode).toBe(6);
    expect((await ask('--max-cost', 'off', '--safe-cost', 'off')).exitCode).toBe(0);
  });

  it('quoting: a region that the table does not have is held back, and is not when anything may be spent', async () => {
    await using own = await market();
    const elsewhere = ['--prices', own.place.at('elsewhere.json')];
    writeFileSync(own.place.at('elsewhere.json'), tableFor('mars-east-1'));
    const { exitCode, stdout, stderr } = await own.ask(demandFor(1), ...elsewhere, '--max-cost', '1000');
    expect(exitCode).toBe(6);
    const { region } = own.place.server;
    expect(stdout).toContain(`No prices of ${region} are known. The table of 2026-11-20 (`);
    expect(stderr).toContain(`the prices of ${region} are not in the table, so that 1 archive may cost more than`);
    const accepted = await own.ask(demandFor(1), ...elsewhere, '--safe-cost', 'off');
    expect([accepted.exitCode, accepted.stdout]).toEqual([0, expect.stringContaining(ASKED)]);
  });

  it.each<[string, string, string | null, RegExp]>([
    [
      'is not there',
      'absent.json',
      null,
      /^ERROR: prices ".*absent\.json": there is no such file\nhint: check --prices\n$/,
    ],
    ['is a directory', 'folder', null, /^ERROR: prices ".*folder": it cannot be read \(EISDIR\)\n/],
    ['is no table', 'bad.json', '{"date":', /^ERROR: prices ".*bad\.json": .*JSON.*\nhint: /],
    ['is not whole', 'half.json', '{"date":"2026-11-20"}', /^ERROR: prices ".*half\.json": regions is missing\nhint: /],
  ])('quoting: a file of prices that %s ends with 2, and nothing is asked for', async (_, name, content, error) => {
    await using own = await market();
    mkdirSync(own.place.at('folder'));
    if (content !== null) writeFileSync(own.place.at(name), content);
    const { exitCode, stdout, stderr } = await own.ask(MUCH, '--prices', own.place.at(name), '--safe-cost', 'off');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(error);
  });

  it.each(['five', '1,5', '-1', ''])('quoting: --max-cost %j ends with 2', async (given) => {
    await using own = await market();
    const { exitCode, stdout, stderr } = await own.ask(MUCH, '--max-cost', given);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--max-cost must be an amount in US dollars, or off, not');
  });
});

describe('quote', () => {
  it("quoting: tells the account's policy, and reckons with it", async () => {
    await using own = await market();
    await setPolicy(own.place, { Strategy: 'BytesPerHour', BytesPerHour: GIB });
    const { exitCode, stdout } = await own.ask(MUCH, '--quote', '--json', '--line-speed', '1T');
    expect(exitCode).toBe(0);
    const quote = objectsOf(stdout).find(({ event }) => event === 'quote');
    // A GiB in each of a thousand hours.
    expect(quote).toMatchObject({
      retrievalPolicy: { strategy: 'bytes-per-hour', bytesPerHour: GIB },
      tiers: [{ readyInSeconds: { to: 300 } }, { readyInSeconds: { to: (5 + 999) * 3600 } }, {}],
    });
    await setPolicy(own.place, { Strategy: 'FreeTier' });
    expect((await own.ask(MUCH, '--quote')).stdout).toContain('10 GB a month; what is more is refused.');
  });

  it('quoting: goes without the policy where the account may not be asked, and ends where the service does', async () => {
    await using own = await market();
    const refuse = (status: number, code: string) =>
      own.place.server.control.addFault({ operation: 'GetDataRetrievalPolicy', fault: 'error', status, code, next: 1 });
    refuse(403, 'AccessDeniedException');
    const { exitCode, stdout } = await own.ask(MUCH, '--quote', ...own.prices);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      "Standard: the account's data retrieval policy is not known here; what goes beyond it is refused.",
    );
    refuse(400, 'NoLongerSupportedException');
    expect((await own.ask(MUCH, '--quote')).exitCode).toBe(1);
  });

  it('quoting: at the speed of the line, as far as it is let in, and so much an hour', async () => {
    await using own = await market();
    const quote = async (...words: string[]) => {
      const { stdout } = await own.ask(MUCH, '--quote', '--json', ...words);
      return objectsOf(stdout).find(({ event }) => event === 'quote');
    };
    expect(await quote()).toMatchObject({
      lineSpeed: { bytesPerSecond: 10 * MIB, by: 'assumption' },
      bytesPerHour: null,
    });
    expect(await quote('--line-speed', '3M', '--max-bytes-per-hour', '2G')).toMatchObject({
      lineSpeed: { bytesPerSecond: 3 * MIB, by: 'line-speed' },
      bytesPerHour: 2 * GIB,
    });
    expect(await quote('--line-speed', '3M', '--bwlimit', '1M')).toMatchObject({
      lineSpeed: { bytesPerSecond: MIB, by: 'bwlimit' },
    });
  });

  it('quoting: offline, the journal remembers where its vault is, and what is said now goes before it', async () => {
    await using own = await market();
    const { place } = own;
    mkdirSync(place.at('kept'));
    writeFileSync(place.at('kept', 'a'), 'a');
    const journal = place.at('photos.journal');
    const files = ['--vault', 'photos', '--dir', place.at('kept'), '--journal', journal];
    expect((await mtglacier(place, COMMANDS, ['create-vault', 'photos'])).exitCode).toBe(0);
    expect((await mtglacier(place, COMMANDS, ['sync', ...files])).exitCode).toBe(0);
    const offline = (said: Partial<Settings>) => placeOffline({ settings: { journal, ...said } as never });
    const { endpoint, region } = place.server;
    expect(await offline({})).toEqual({ endpoint, region, policy: null });
    expect(await offline({ endpoint: 'local:x', region: 'eu-west-1' })).toEqual({
      endpoint: 'local:x',
      region: 'eu-west-1',
      policy: null,
    });
    expect(await offline({ journal: place.at('other.journal') })).toEqual({
      endpoint: null,
      region: null,
      policy: null,
    });
  });
});

describe('prices that hold', () => {
  const reckonedBy = async (endpoint: string | null, region: string | null = 'us-east-1') =>
    (await reckoningFor({ settings: {} as Settings }, { endpoint, region, policy: null })).by;

  it.each([
    null,
    'https://glacier.us-east-1.amazonaws.com',
    'http://glacier.us-east-1.amazonaws.com:80/x',
    'https://vpce-1.glacier.us-east-1.vpce.amazonaws.com',
    'https://glacier.cn-north-1.amazonaws.com.cn',
    'https://glacier.us-east-1.api.aws',
  ])('prices: %s is at AWS', async (endpoint) => {
    expect(await reckonedBy(endpoint)).toBe('table');
    expect(await reckonedBy(endpoint, 'cn-north-1')).toBe('nobody');
    expect(await reckonedBy(endpoint, null)).toBe('nobody');
  });

  it.each([
    'local:/srv/vaults',
    'http://127.0.0.1:4567',
    'https://glacier.example.com',
    'https://amazonaws.com.example.com',
    'https://example.com/glacier.us-east-1.amazonaws.com',
    'https://notamazonaws.com',
  ])('prices: %s is not', async (endpoint) => {
    expect(await reckonedBy(endpoint)).toBe('nothing-to-pay');
  });

  it('prices: what so many cost can be asked of a quote', async () => {
    const demand = demandFor(1);
    const place = { endpoint: null, region: 'us-east-1', policy: null };
    const context = { settings: {} as Settings, clock: { now: () => 0 as never } };
    const cost = costBy(await quoting(context, place, demand), 'Bulk');
    // 1,000 / 1000 × $0.025 + 10 × $0.0025
    expect([cost(0, 0), cost(1000, 10 * GIB)]).toEqual([0, 50_000]);
    const unknown = costBy(await quoting(context, { ...place, region: 'eu-west-1' }, demand), 'Bulk');
    expect(unknown(1000, GIB)).toBe(0);
  });
});
