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

function disk(folder: string, rotational: string, vendor = 'ATA'): void {
  for (const part of ['queue', 'device']) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'queue', 'rotational'), `${rotational}\n`);
  writeFileSync(join(folder, 'device', 'vendor'), `${vendor}     \n`);
}

it.each([
  ['1', 'ATA', true],
  ['0', 'ATA', false],
  ['1', '0x1af4', false],
  ['1', 'QEMU', false],
])('a device that says %s and is of %s', (rotational, vendor, inOrder) => {
  disk(device, rotational, vendor);
  expect(readsBestInOrder(tmpdir(), devices)).toBe(inOrder);
});

it('a partition of a disk that turns', () => {
  disk(join(devices, 'disk'), '1');
  mkdirSync(join(devices, 'disk', 'partition'));
  symlinkSync(join(devices, 'disk', 'partition'), device);
  expect(readsBestInOrder(tmpdir(), devices)).toBe(true);
});

it.each([
  ['0', false],
  ['1', true],
])('a volume of two disks, of which one says %s', (second, inOrder) => {
  disk(join(devices, 'a'), '0');
  disk(join(devices, 'b'), second);
  mkdirSync(join(device, 'slaves'), { recursive: true });
  // The system says of volumes what it likes: their disks are asked.
  mkdirSync(join(device, 'queue'));
  writeFileSync(join(device, 'queue', 'rotational'), '0');
  for (const name of ['a', 'b']) symlinkSync(join(devices, name), join(device, 'slaves', name));
  expect(readsBestInOrder(tmpdir(), devices)).toBe(inOrder);
});

it('a device that nothing is said of, and a directory that is not there', () => {
  expect(readsBestInOrder(tmpdir(), devices)).toBe(false);
  expect(readsBestInOrder(join(devices, 'missing'))).toBe(false);
});
