// What options are worth: command line, config file, defaults, and what is refused.

import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../src/cli/command-line.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { readConfig } from '../../src/cli/config.js';
import { OPTION_NAMES, optionOf } from '../../src/cli/options.js';
import { settle } from '../../src/cli/settings.js';
import { Failure } from '../../src/model/failure.js';

const KEY = 'AKIDEXAMPLEAKIDEXAMP';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

function configFile(text: string, mode = 0o600): string {
  const file = join(mkdtempSync(join(tmpdir(), 'mtglacier-config-')), 'glacier.cfg');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

function settled(line: string, configText?: string) {
  const request = readCommandLine(line.split(' '), COMMANDS);
  if (request.ask !== 'run') throw new Error('no run');
  return settle(request.command, request.typed, configText === undefined ? null : readConfig(configFile(configText)));
}

/** `CODE message`, the config's folder left out. */
function refusal(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `${error.code} ${error.message.replaceAll(/\/\S*\/(?=glacier\.cfg)/g, '')}`;
  }
  throw new Error('accepted');
}

const SYNC = 'sync --dir . --vault v --journal j';

describe('settings', () => {
  it('settings: defaults stand where nothing is given', () => {
    const { settings, origins } = settled(SYNC);
    expect(settings).toMatchObject({
      dir: '.',
      vault: 'v',
      journal: 'j',
      concurrency: 4,
      partsize: 16 * 1024 * 1024,
      segmentSize: 16 * 1024 * 1024,
      detect: 'mtime-and-treehash',
      tier: 'Standard',
      protocol: 'https',
      timeout: 180,
      maxNumberOfFiles: undefined,
      new: false,
      dryRun: false,
    });
    expect([origins.dir, origins.concurrency]).toEqual(['command-line', 'default']);
  });

  it('settings: the command line wins over the config, the config over the default', () => {
    const { settings, origins } = settled(
      `${SYNC} --concurrency 8`,
      'concurrency = 2\npartsize = 64\nto-vault=other\n',
    );
    expect([settings.concurrency, settings.partsize, settings.vault]).toEqual([8, 64 * 1024 * 1024, 'v']);
    expect([origins.concurrency, origins.partsize, origins.vault]).toEqual(['command-line', 'config', 'command-line']);
  });

  it('settings: an option in the config that the command does not use has no effect, not even a wrong one', () => {
    const { settings } = settled('list-vaults', 'concurrency = zero\ndir = /does/not/exist\n');
    expect([settings.concurrency, settings.dir]).toEqual([4, undefined]);
  });

  it('settings: all mandatory options that are missing are named at once', () => {
    expect(refusal(() => settled('restore'))).toBe(
      'USAGE restore needs --dir, --vault, --journal, --max-number-of-files',
    );
    expect(refusal(() => settled('restore --vault v', 'journal = j'))).toBe(
      'USAGE restore needs --dir, --max-number-of-files',
    );
  });

  it.each([
    ['--concurrency 0', '--concurrency must be a whole number from 1 to 64, not "0"'],
    ['--concurrency 65', '--concurrency must be a whole number from 1 to 64, not "65"'],
    ['--concurrency 1.5', '--concurrency must be a whole number from 1 to 64, not "1.5"'],
    ['--max-number-of-files 0', '--max-number-of-files must be a whole number of at least 1, not "0"'],
    ['--max-number-of-files -3', '--max-number-of-files must be a whole number of at least 1, not "-3"'],
    ['--max-number-of-files many', '--max-number-of-files must be a whole number of at least 1, not "many"'],
    ['--partsize 3', '--partsize must be a power of two from 1 to 4096 (MiB), not "3"'],
    ['--partsize 8192', '--partsize must be a power of two from 1 to 4096 (MiB), not "8192"'],
    ['--partsize 0', '--partsize must be a power of two from 1 to 4096 (MiB), not "0"'],
    ['--protocol ftp', '--protocol must be one of http, https, not "ftp"'],
    ['--region eu_west', '--region must be 3 to 20 letters, digits and dashes, not "eu_west"'],
    ['--timeout 1e3', '--timeout must be a whole number from 1 to 99999, not "1e3"'],
    ['--key abc', '--key must be exactly 20 letters and digits'],
    ['--secret hidden', '--secret must be exactly 40 printable characters without blanks'],
    ['--token hidden', '--token must be at least 20 printable characters without blanks'],
    ['--endpoint example', '--endpoint must be the address of a server, or local:DIR'],
    ['--endpoint http://u:p@host', '--endpoint must be the address of a server, or local:DIR'],
    ['--endpoint https://host/path', '--endpoint must be the address of a server, or local:DIR'],
    ['--endpoint local:', '--endpoint must be the address of a server, or local:DIR'],
    ['--detect mtime', '--detect has no meaning without --replace-modified'],
    ['--delete-everything', '--delete-everything has no meaning without --delete-removed'],
    [`--key ${KEY}`, 'a key is given without its secret'],
    [`--secret ${SECRET}`, 'a secret is given without its key'],
    ['--token 12345678901234567890', 'a token is given without the key and secret that it belongs to'],
  ])('settings: %s is refused', (options, message) => {
    expect(refusal(() => settled(`${SYNC} ${options}`))).toBe(`USAGE ${message}`);
  });

  it.each([
    ['--endpoint http://127.0.0.1:8118', 'endpoint', 'http://127.0.0.1:8118'],
    ['--endpoint https://glacier.eu-west-1.amazonaws.com/', 'endpoint', 'https://glacier.eu-west-1.amazonaws.com'],
    ['--endpoint local:/srv/vaults', 'endpoint', 'local:/srv/vaults'],
    ['--concurrency +64', 'concurrency', 64],
    ['--max-number-of-files 1_000', 'maxNumberOfFiles', 1000],
    ['--partsize 4096', 'partsize', 4096 * 1024 * 1024],
    ['--replace-modified --detect always-positive', 'detect', 'always-positive'],
  ])('settings: %s is taken', (options, name, value) => {
    expect(settled(`${SYNC} ${options}`).settings).toMatchObject({ [name]: value });
  });

  it('settings: a segment size is 0 or a power of two', () => {
    const line = 'restore-completed --dir . --vault v --journal j --segment-size';
    expect(settled(`${line} 0`).settings.segmentSize).toBe(0);
    expect(settled(`${line} 8`).settings.segmentSize).toBe(8 * 1024 * 1024);
    expect(refusal(() => settled(`${line} 6`))).toContain('--segment-size must be a power of two');
  });

  it('settings: a directory must be one, a journal must not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mtglacier-settings-'));
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(refusal(() => settled(`sync --vault v --journal j --dir ${file}`))).toBe(
      `USAGE --dir "${file}" is not a directory`,
    );
    expect(refusal(() => settled(`sync --vault v --journal ${folder} --dir ${folder}/none`))).toBe(
      `USAGE --dir "${folder}/none" does not exist\n--journal "${folder}" is a directory`,
    );
    expect(refusal(() => settled(`sync --vault v --journal j --dir ${file}/below`))).toBe(
      `USAGE --dir "${file}/below" cannot be used: ENOTDIR`,
    );
  });

  it('settings: no message shows a secret', () => {
    for (const option of ['key', 'secret', 'token']) {
      expect(refusal(() => settled(`list-vaults --${option} s3cr3t!`))).not.toContain('s3cr3t');
      expect(refusal(() => settled('list-vaults', `${option} = s3cr3t!`))).not.toContain('s3cr3t');
    }
  });

  it('settings: every option without a value is a switch, every other has a shape and help', () => {
    for (const name of OPTION_NAMES) {
      expect(optionOf(name).help).not.toBe('');
      expect(optionOf(name).shape === null).toBe(typeof optionOf(name).absent === 'boolean');
    }
  });
});

describe('config', () => {
  it('config: names, values, comments, blanks, CRLF and bare names are read as mt-aws-glacier wrote them', () => {
    const { settings } = settled(
      'sync --journal j',
      `# comment\r\n\r\n  key=${KEY}\r\nsecret =  ${SECRET}  \r\n\tfrom-dir\t=\t.\r\nto-vault = v\r\nnew\r\n# end`,
    );
    expect(settings).toMatchObject({ key: KEY, secret: SECRET, dir: '.', vault: 'v', new: true });
  });

  it.each(['/data/#1', 'a;b', 'a # b', '"quoted"', "'x'", 'a\\b', 'x = y', 'true', 'null', '[s]', 'a[]', '7'])(
    'config: the value %s reaches to the end of its line',
    (value) => {
      const { entries } = readConfig(configFile(`journal = ${value}\n`));
      expect(entries.get('journal')?.text).toBe(value);
    },
  );

  it.each([
    ['bogus = 1', 'CONFIG glacier.cfg:1: unknown option bogus'],
    ['# a\n\nconcurency = 1', 'CONFIG glacier.cfg:3: unknown option concurency'],
    ['[section]\nkey = 1', 'CONFIG glacier.cfg:1: sections are not known'],
    ['key = 1\n= 2', 'CONFIG glacier.cfg:2: this is not a line of name = value'],
    ['two words', 'CONFIG glacier.cfg:1: this is not a line of name = value'],
    ['__proto__ = 1', 'CONFIG glacier.cfg:1: this is not a line of name = value'],
    ['config = other.cfg', 'CONFIG glacier.cfg:1: config cannot stand in a config file'],
    ['delete-everything', 'CONFIG glacier.cfg:1: delete-everything cannot stand in a config file'],
    ['concurrency = 0', 'CONFIG glacier.cfg:1: concurrency must be a whole number from 1 to 64, not "0"'],
    ['concurrency', 'CONFIG glacier.cfg:1: concurrency needs a value'],
    ['new = maybe', 'CONFIG glacier.cfg:1: new must be 1 or 0, not "maybe"'],
    ['region =', 'CONFIG glacier.cfg:1: region must be'],
    ['vault = a b', 'CONFIG glacier.cfg:1: vault: vault name "a b" is not allowed'],
    ['dir = /does/not/exist', 'CONFIG glacier.cfg:1: dir "/does/not/exist" does not exist'],
    ['from-dir = /does/not/exist', 'CONFIG glacier.cfg:1: from-dir "/does/not/exist" does not exist'],
  ])('config: %j is refused with its place', (text, message) => {
    const attempt = () => settled(text.includes('dir =') ? 'sync --vault v --journal j' : SYNC_WITHOUT_VAULT, text);
    expect(refusal(attempt)).toContain(message);
  });

  it('config: a name that is nearly right is suggested', () => {
    expect(() => readConfig(configFile('concurency = 1'))).toThrow(
      expect.objectContaining({ hint: 'did you mean concurrency?' }),
    );
  });

  it('config: one that is missing or a directory is refused', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mtglacier-config-'));
    mkdirSync(join(folder, 'glacier.cfg'));
    expect(refusal(() => readConfig(join(folder, 'none.cfg')))).toBe(
      `CONFIG config "${folder}/none.cfg" cannot be read: no such file`,
    );
    expect(refusal(() => readConfig(join(folder, 'glacier.cfg')))).toMatch(/^CONFIG config .* is not a file$/);
  });

  it('config: one that is no text is refused', () => {
    const file = configFile('');
    writeFileSync(file, Buffer.from([0x6b, 0xff, 0xfe]));
    expect(refusal(() => readConfig(file))).toMatch(/^CONFIG config .* cannot be read: it is not UTF-8 text$/);
  });

  it('config: of an option set twice the last counts, with a notice', () => {
    const { entries, notices } = readConfig(configFile('dir = a\nfrom-dir = b\n'));
    expect([entries.get('dir')?.text, notices.length]).toEqual(['b', 1]);
  });

  it('config: a secret that others can read is noticed', () => {
    expect(readConfig(configFile(`secret = ${SECRET}`, 0o644)).notices[0]?.topic).toBe('config-exposed');
    expect(readConfig(configFile(`secret = ${SECRET}`, 0o600)).notices).toEqual([]);
    expect(readConfig(configFile('vault = v', 0o644)).notices).toEqual([]);
  });

  it('config: the example in the project is read without a complaint', () => {
    const { entries } = readConfig('glacier.cfg.example');
    expect([...entries.keys()]).toEqual(['key', 'secret', 'region']);
    expect(entries.get('key')?.text).toHaveLength(20);
    expect(entries.get('secret')?.text).toHaveLength(40);
  });
});

const SYNC_WITHOUT_VAULT = 'sync --dir . --journal j';
