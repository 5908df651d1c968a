// The systemd unit and the Dockerfile: what they name exists, and systemd takes the unit.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'contrib/local-vault');
const UNIT = join(FOLDER, 'mtglacier-local-vault.service');

function textOf(file: string): string {
  return readFileSync(join(FOLDER, file), 'utf8');
}

function helpOfLocalVault(): string {
  return execFileSync(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'help', 'local-vault'], { encoding: 'utf8' });
}

const WATCH = join(ROOT, 'contrib/watch');
const WATCH_UNITS = ['mtglacier-watch@.service', 'mtglacier-watch@.timer'];

test.for([UNIT, ...WATCH_UNITS.map((file) => join(WATCH, file))])(
  'contrib: systemd has nothing to say against %s',
  (unit, { skip }) => {
    if (spawnSync('systemd-analyze', ['--version']).status !== 0) skip('it needs systemd-analyze');
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  },
);

test('contrib: every variable that the unit of watch tells of belongs to an option of it', () => {
  const help = execFileSync(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'help', 'watch'], { encoding: 'utf8' });
  const variables = [
    ...readFileSync(join(WATCH, 'mtglacier-watch@.service'), 'utf8').matchAll(/MTGLACIER_([A-Z_]+)=/g),
  ];
  expect(variables.length).toBeGreaterThanOrEqual(4);
  for (const [, name = ''] of variables) expect(help).toContain(`--${name.toLowerCase().replaceAll('_', '-')} `);
});

test('contrib: every variable that the unit and the Dockerfile set belongs to an option of local-vault', () => {
  const help = helpOfLocalVault();
  const text = `${textOf('mtglacier-local-vault.service')}${textOf('Dockerfile')}`;
  const variables = [...text.matchAll(/MTGLACIER_([A-Z_]+)=/g)];
  expect(variables.length).toBeGreaterThanOrEqual(5);
  for (const [, name = ''] of variables) expect(help).toContain(`--${name.toLowerCase().replaceAll('_', '-')} `);
});

test('contrib: the log that is rotated is the one that the unit names, and the server may write there', () => {
  const [, log = ''] = /MTGLACIER_LOG=(\S+?)\.?$/m.exec(textOf('mtglacier-local-vault.service')) ?? [];
  const [, folder = ''] = /^LogsDirectory=(.+)$/m.exec(textOf('mtglacier-local-vault.service')) ?? [];
  expect(log).toMatch(`/var/log/${folder}/`);
  expect(textOf('mtglacier-local-vault.logrotate')).toContain(`\n${log} {\n`);
});

test('contrib: what the Dockerfile copies exists and gets to the builder, and the program starts where it says', () => {
  const copied = [...textOf('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) =>
    files.split(' '),
  );
  expect(copied).toContain('src');
  const letThrough = textOf('Dockerfile.dockerignore').split('\n');
  for (const file of copied) {
    expect(existsSync(join(ROOT, file)), file).toBe(true);
    expect(letThrough).toContain(`!${file}`);
  }
  const [, program = ''] = /^ENTRYPOINT \["node", "\/app\/([^"]+)"/m.exec(textOf('Dockerfile')) ?? [];
  expect(existsSync(join(ROOT, program)), program).toBe(true);
});
