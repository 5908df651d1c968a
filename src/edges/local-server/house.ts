// The house on a folder: all that serves it, put together and not yet listening.

import type { Server } from 'node:http';
import { join } from 'node:path';
import { HashThreads } from './bodies/hash-threads.js';
import { RoomForBodies } from './bodies/room-for-bodies.js';
import type { VaultClock } from './control/clock.js';
import { Conditions } from './control/conditions.js';
import { Control } from './control/control.js';
import { createControlServer } from './control/control-server.js';
import { Faults } from './control/faults.js';
import { RequestLog } from './control/request-log.js';
import type { AccountFolder } from './folder/account-folder.js';
import type { DataFolder } from './folder/data-folder.js';
import type { Site } from './http/answering.js';
import { connectionsWithin, limitConnections } from './http/connection-limit.js';
import { stopListening } from './http/listening.js';
import { createVaultServer, type ServerSettings } from './http/server.js';
import { JobNotices } from './notices/job-notices.js';
import { REAL_TIME } from './notices/notice-clock.js';
import { type NoticeOffice, openNoticeOffice } from './notices/notice-office.js';
import type { Notices } from './notices/notice-port.js';
import type { Service } from './operations/service.js';
import { keyringOf } from './signing/keyring.js';

/** All that can be chosen, with nothing left out. */
export interface HouseSettings
  extends Pick<Service, 'region' | 'realistic' | 'delaysMs'>,
    Omit<ServerSettings, 'site' | 'log'> {
  /** How many are wanted; fewer where the process may not open as many files as they need. */
  readonly maxConnections: number;
  /** Told of jobs that ended; null for the topics of this house. */
  readonly notices: Notices | null;
  /** Told a line of JSON for every request; null where nobody wants to know. */
  readonly log: ((line: string) => void) | null;
}

/** Nobody can reach it before its servers listen, and `notices` and `jobNotices` are opened. */
export interface House {
  readonly log: RequestLog;
  readonly control: Control;
  readonly server: Server;
  readonly controlServer: Server;
  readonly notices: NoticeOffice;
  readonly jobNotices: JobNotices;
  /** Ends what is under way; the folder stays open. */
  close(): Promise<void>;
}

/** @throws Failure CONFIG when the log or the key of the notices is damaged */
export async function openHouse(folder: DataFolder, clock: VaultClock, settings: HouseSettings): Promise<House> {
  const { region, realistic, delaysMs, bodyIdleMs, headersMs, answerIdleMs } = settings;
  const [conditions, faults, closing] = [new Conditions(), new Faults(), new AbortController()];
  const log = new RequestLog(settings.log);
  const hashing = new HashThreads();
  const notices = await openNoticeOffice({
    directory: join(folder.directory, 'notices'),
    tmp: folder.first.tmp,
    region,
    clock: REAL_TIME,
    log: (line) => log.addNotice(line),
    faultOf: (name) => faults.strikeDelivery(name),
  });
  const common = { region, realistic, delaysMs, conditions, hashing, clock, now: () => clock.now() };
  const site = { ...siteOf(folder, common), conditions, faults, room: new RoomForBodies(), notices };
  const control = new Control({ folder, clock, conditions, faults, log, closing: closing.signal });
  const controlServer = createControlServer(control);
  const { server, working } = createVaultServer({ site, bodyIdleMs, headersMs, answerIdleMs, log });
  await limit(server, settings.maxConnections, log);
  const jobNotices = new JobNotices({
    services: () => folder.accounts.map(({ account }) => site.serviceOf(account.accountId)),
    clock,
    notices: settings.notices ?? notices,
    log: (line) => log.addDefect(line),
  });
  const close = async (): Promise<void> => {
    closing.abort();
    await jobNotices.close();
    await stopListening(controlServer);
    await stopListening(server);
    await Promise.all(working);
    await hashing[Symbol.asyncDispose]();
    await notices.close();
  };
  return { log, control, server, controlServer, notices, jobNotices, close };
}

async function limit(server: Server, wanted: number, log: RequestLog): Promise<void> {
  const most = await connectionsWithin(wanted);
  limitConnections(server, most, () => log.addNotice(`all ${most} connections are in use, more are refused`));
}

/** The service of each account, and the keys of all. */
function siteOf(folder: DataFolder, common: Omit<Service, 'folder'>): Pick<Site, 'keys' | 'serviceOf'> {
  const services = new WeakMap<AccountFolder, Service>();
  return {
    keys: keyringOf(common.region, () => folder.accounts),
    serviceOf(accountId) {
      const account = folder.account(accountId) ?? missing(accountId);
      const service = services.get(account) ?? { ...common, folder: account };
      services.set(account, service);
      return service;
    },
  };
}

function missing(accountId: string): never {
  throw new Error(`there is no account ${accountId}`);
}
