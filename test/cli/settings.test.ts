// What options are worth: command line, environment, config file, defaults, and what is refused.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../src/cli/words/command-line.js';
import { COMMANDS } from '../../src/cli/words/commands.js';
import { OPTION_NAMES, optionOf } from '../../src/cli/words/options.js';
import { settle } from '../../src/cli/words/settings.js';
import { loadEncoding } from '../../src/model/text-encoding.js';
import { KEY, refusal, SECRET, SYNC, settled } from './settled.js';

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

  it('settings: the environment stands between the command line and the config', () => {
    const { settings, origins, subjects } = settled(`${SYNC} --concurrency 8`, 'concurrency = 2\npartsize = 64\nnew', {
      MTGLACIER_CONCURRENCY: '3',
      MTGLACIER_PARTSIZE: '32',
      MTGLACIER_NEW: '0',
      MTGLACIER_REGION: 'eu-west-1',
    });
    const { concurrency, partsize, region, new: wantsNew, timeout } = settings;
    expect({ concurrency, partsize, region, wantsNew, timeout }).toEqual({
      concurrency: 8,
      partsize: 32 * 1024 * 1024,
      region: 'eu-west-1',
      wantsNew: false,
      timeout: 180,
    });
    expect([origins.concurrency, origins.partsize, origins.new, origins.timeout]).toEqual([
      'command-line',
      'environment',
      'environment',
      'default',
    ]);
    expect([subjects.concurrency, subjects.partsize]).toEqual(['--concurrency', 'MTGLACIER_PARTSIZE']);
  });

  it('settings: what was said keeps its place: file, line and spelling', () => {
    const { subjects } = settled('sync --dir . --journal j', '# v\nto-vault = v');
    expect(subjects.vault.replace(/^.*\//, '')).toBe('glacier.cfg:2: to-vault');
  });

  it('settings: an option in the config that the command does not use has no effect, not even a wrong one', () => {
    const { settings } = settled('list-vaults', 'concurrency = zero\ndir = /does/not/exist\n');
    expect([settings.concurrency, settings.dir]).toEqual([4, undefined]);
  });

  it('settings: all mandatory options that are missing are named at once', () => {
    expect(refusal(() => settled('restore'))).toBe('USAGE restore needs --dir, --vault, --journal');
    expect(refusal(() => settled('restore --vault v', 'journal = j'))).toBe('USAGE restore needs --dir');
  });

  it('settings: a tier is known in upper and lower case', () => {
    const restore = 'restore --dir . --vault v --journal j';
    for (const tier of ['bulk', 'BULK', 'Bulk'])
      expect(settled(`${restore} --tier ${tier}`).settings).toMatchObject({ tier: 'Bulk' });
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
    ['--timeout 1e3', '--timeout must be a whole number from 0 to 99999, not "1e3"'],
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

  it('settings: a directory is looked for by its name in the encoding of file names', async () => {
    const koi8 = await loadEncoding('KOI8-R');
    const directory = `${mkdtempSync(join(tmpdir(), 'mtglacier-settings-'))}/фото`;
    mkdirSync(Buffer.from(koi8.encode(directory) ?? ''));
    const request = readCommandLine(['check-local-hash', '--journal=j', '--dir', directory], COMMANDS);
    if (request.ask !== 'run') throw new Error('no run');
    const sources = { typed: request.typed, environment: new Map(), config: new Map() };
    expect(settle(request.command, sources, 0, koi8).settings.dir).toBe(directory);
    expect(refusal(() => settle(request.command, sources, 0))).toContain('does not exist');
  });

  it('settings: a journal whose path is another in the encoding of file names is refused', async () => {
    const koi8 = await loadEncoding('KOI8-R');
    const withJournal = (journal: string) => {
      const request = readCommandLine(['check-local-hash', '--dir', '.', '--journal', journal], COMMANDS);
      if (request.ask !== 'run') throw new Error('no run');
      return settle(request.command, { typed: request.typed, environment: new Map(), config: new Map() }, 0, koi8);
    };
    expect(withJournal('photos.journal').settings.journal).toBe('photos.journal');
    expect(refusal(() => withJournal('фото.journal'))).toContain('"фото.journal" has another name in KOI8-R');
    expect(refusal(() => withJournal('写真.journal'))).toContain('has another name in KOI8-R');
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
