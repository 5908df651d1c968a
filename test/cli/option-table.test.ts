// Every option against every command and every place where it can be said.

import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../src/cli/words/command-line.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { variableOf } from '../../src/cli/words/environment.js';
import { OPTION_NAMES, type OptionName } from '../../src/cli/words/options.js';
import type { Failure } from '../../src/model/failure.js';
import {
  BASE,
  commandsWith,
  commandsWithout,
  expected,
  isSwitch,
  lineWithout,
  NAMES,
  NEW,
  OLD,
  refusal,
  setting,
  settled,
  silentLine,
  typed,
  VALUES,
  words,
  written,
} from './option-matrix.js';

describe('option × command', () => {
  it('option × command: every command and every option is in the tables of this test', () => {
    expect(NAMES.toSorted()).toEqual(Object.keys({ ...OLD, ...NEW }).toSorted());
    expect(OPTION_NAMES.toSorted()).toEqual(Object.keys(VALUES).toSorted());
  });

  it.each(NAMES)('option × command: %s takes, ignores and refuses what the tables say', (command) => {
    const { takes, ignores } = expected(command);
    const verdict = (option: OptionName): string => {
      try {
        const request = readCommandLine([...lineWithout(command, option), ...typed(option, 'x')], COMMANDS);
        if (request.ask !== 'run') return request.ask;
        if (request.typed.has(option)) return 'takes';
        return request.notices.some(({ message }) => message === `${command} makes no use of --${option}`)
          ? 'ignores'
          : 'silent';
      } catch (thrown) {
        return (thrown as Failure).message === `${command} does not take --${option}` ? 'refuses' : String(thrown);
      }
    };
    const found = OPTION_NAMES.map((option) => [option, verdict(option)]);
    const wanted = OPTION_NAMES.map((option) => [
      option,
      takes.has(option) ? 'takes' : ignores.has(option) ? 'ignores' : 'refuses',
    ]);
    expect(found).toEqual(wanted);
  });

  it.each(NAMES)('option × command: %s demands what the tables say', (command) => {
    const needs = expected(command).needs.map((name) => `--${name}`);
    const others = words(BASE[command]).filter((word, index, all) => {
      const isNeeded = needs.includes(word) || needs.includes(all[index - 1] ?? '');
      return !isNeeded && !/^--(?:filename|dir)$/.test(word) && !/^--(?:filename|dir)$/.test(all[index - 1] ?? '');
    });
    const found = refusal(() => settled([command, ...others])).split('\n')[0];
    if (needs.length > 0) expect(found).toBe(`USAGE ${command} needs ${needs.join(', ')}`);
    else expect(found).toMatch(/^taken/);
  });
});

describe.each(OPTION_NAMES)('option %s', (option) => {
  const { absent, good, bad = [], kept } = VALUES[option];
  const name = `--${option}`;

  it(`${name}: has its default where nothing is said`, () => {
    for (const command of commandsWith(option).filter((one) => !expected(one).needs.includes(option))) {
      expect(setting(option, silentLine(command, option)), command).toEqual(absent);
    }
  });

  it(`${name}: every command that takes it gets every good value, typed or in the environment or a config`, () => {
    for (const command of commandsWith(option)) {
      const line = lineWithout(command, option);
      for (const [given, value] of good) {
        expect(setting(option, [...line, ...typed(option, given)]), `${command} ${given}`).toEqual(value);
        if (kept === 'on the command line') continue;
        const environment = { [variableOf(option)]: written(option, given) };
        expect(setting(option, line, { environment }), `${command} ${given}`).toEqual(value);
        if (kept === 'out of config') continue;
        const config = `${option} = ${written(option, given)}`;
        expect(setting(option, line, { config }), `${command} ${given}`).toEqual(value);
      }
    }
  });

  it(`${name}: a bad value is refused wherever it stands, naming the place`, () => {
    const [command = ''] = commandsWith(option);
    const line = lineWithout(command, option);
    for (const given of isSwitch(option) ? ['', 'maybe', '2'] : bad) {
      if (!isSwitch(option)) {
        expect(
          refusal(() => setting(option, [...line, name, given])),
          given,
        ).toMatch(new RegExp(`^USAGE ${name}\\b`));
      }
      if (kept === 'on the command line') continue;
      const environment = { [variableOf(option)]: given };
      expect(
        refusal(() => setting(option, line, { environment })),
        given,
      ).toMatch(new RegExp(`^USAGE ${variableOf(option)}\\b`));
      // Blanks around a value are no part of it in a config file.
      if (kept === 'out of config' || given.trim() !== given) continue;
      expect(
        refusal(() => setting(option, line, { config: `${option} = ${given}` })),
        given,
      ).toMatch(new RegExp(`^CONFIG c:1: ${option}\\b`));
    }
  });

  it(`${name}: where a command makes no use of it, the environment and the config may say anything`, () => {
    for (const command of commandsWithout(option)) {
      const line = lineWithout(command, option);
      const environment = { [variableOf(option)]: '\u0000nonsense' };
      expect(setting(option, line, { environment }), command).toEqual(absent);
      if (kept !== undefined) continue;
      expect(setting(option, line, { config: `${option} = \u0000nonsense` }), command).toEqual(absent);
    }
  });

  it(`${name}: stands in a config and the environment unless it is to be typed each time`, () => {
    const [command = ''] = commandsWith(option);
    const line = lineWithout(command, option);
    const inConfig = refusal(() => settled(line, { config: `${option} = 1` }));
    expect(inConfig.includes(`${option} cannot stand in a config file`)).toBe(kept !== undefined);
    const inEnvironment = refusal(() => settled(line, { environment: { [variableOf(option)]: '1' } }));
    expect(inEnvironment.includes(`${option} cannot stand in the environment`)).toBe(kept === 'on the command line');
  });

  it(`${name}: takes a value or is a switch, as its table says`, () => {
    const [command = ''] = commandsWith(option);
    const line = lineWithout(command, option);
    if (isSwitch(option)) {
      expect(refusal(() => settled([...line, `${name}=1`]))).toBe(`USAGE ${name} takes no value`);
      expect(refusal(() => settled([...line, `--no-${option}`]))).toBe(`USAGE unknown option --no-${option}`);
      const config = kept === undefined ? `${option} = 0` : '';
      expect(setting(option, silentLine(command, option), { config })).toBe(false);
      if (kept === undefined) expect(setting(option, line, { config: option })).toBe(true);
    } else {
      expect(refusal(() => settled([...line, name]))).toBe(`USAGE ${name} needs a value`);
      expect(refusal(() => settled([...line, `${name}=`]))).toBe(`USAGE ${name} needs a value`);
    }
  });
});
