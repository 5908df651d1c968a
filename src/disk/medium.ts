// Whether a directory lies where reading many files at once is slower than one after another: a disk that turns, a network.

import { readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import type { Location } from './place.js';

/** Types of network file systems as statfs tells them. Source: statfs(2) of Linux. */
const NETWORK_TYPES: ReadonlySet<number> = new Set([
  0x6969, // nfs
  0x517b, // smb
  0xff534d42, // cifs
  0xfe534d42, // smb2
  0x01021997, // 9p
  0x5346414f, // afs
  0x00c36400, // ceph
]);

/** Where Linux tells of block devices. */
const DEVICES = '/sys/dev/block';

/** False where the system does not tell: reading at once is the ordinary case. */
export function readsBestInOrder(directory: Location, devices = DEVICES): boolean {
  try {
    return isOnNetwork(directory) || isOnRotatingDisk(directory, devices);
  } catch {
    return false;
  }
}

function isOnNetwork(directory: Location): boolean {
  return NETWORK_TYPES.has(statfsSync(directory).type);
}

function isOnRotatingDisk(directory: Location, devices: string): boolean {
  const { dev } = statSync(directory, { bigint: true });
  return turns(`${devices}/${majorOf(dev)}:${minorOf(dev)}`);
}

/** Volumes and encrypted disks are made of others, and turn where one of those does. A partition has the queue of its disk. */
function turns(device: string): boolean {
  const parts = namesIn(`${device}/slaves`);
  if (parts.length > 0) return parts.some((part) => turns(`${device}/slaves/${part}`));
  const disk = [device, `${device}/..`].find((one) => textOf(`${one}/queue/rotational`) !== null);
  return disk !== undefined && textOf(`${disk}/queue/rotational`) === '1' && isReal(textOf(`${disk}/device/vendor`));
}

/** Virtual disks say that they turn, whatever they lie on: those of virtio have a number for a vendor. */
function isReal(vendor: string | null): boolean {
  return vendor !== null && !/^(?:0x|QEMU|VMware|VBOX|Msft|Google|Xen|Virt)/i.test(vendor);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'latin1').trim();
  } catch {
    return null;
  }
}

/** Source: gnu_dev_major and gnu_dev_minor of glibc, sysmacros.h. */
function majorOf(dev: bigint): bigint {
  return ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
}

function minorOf(dev: bigint): bigint {
  return (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
}
