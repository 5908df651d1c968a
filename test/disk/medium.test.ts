// Which directories are read in order: those on devices that the system says turn.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readsBestInOrder } from '../../src/disk/medium.js';

let devices: string;
let device: string;

beforeEach(() => {
  devices = mkdtempSync(join(tmpdir(), 'mtglacier-devices-'));
  // Decimal major and minor number, by another program.
  const [major, minor] = execFileSync('stat', ['-c', '%Hd:%Ld', tmpdir()], { encoding: 'utf8' }).trim().split(':');
  device = join(devices, `${major}:${minor}`);
});
afterEach(() => rmSync(devices, { recursive: true }));

function queue(folder: string, rotational: string): void {
  mkdirSync(join(folder, 'queue'), { recursive: true });
  writeFileSync(join(folder, 'queue', 'rotational'), `${rotational}\n`);
}

it.each([
  ['1', true],
  ['0', false],
])('a device whose queue says %s', (rotational, inOrder) => {
  queue(device, rotational);
  expect(readsBestInOrder(tmpdir(), devices)).toBe(inOrder);
});

it('a partition of a disk that turns', () => {
  queue(join(devices, 'disk'), '1');
  mkdirSync(join(devices, 'disk', 'partition'));
  symlinkSync(join(devices, 'disk', 'partition'), device);
  expect(readsBestInOrder(tmpdir(), devices)).toBe(true);
});

it('a device that nothing is said of, and a directory that is not there', () => {
  expect(readsBestInOrder(tmpdir(), devices)).toBe(false);
  expect(readsBestInOrder(join(devices, 'missing'))).toBe(false);
});
