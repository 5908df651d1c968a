// Opens the report that a run is told in: for people or for programs, on the outputs that are free for it.

import { systemClock } from '../../model/clock.js';
import type { Command } from '../words/command.js';
import type { Settled } from '../words/settings.js';
import { systemHeartbeat } from './heartbeat.js';
import { openJsonReport } from './json-report.js';
import type { Output } from './output.js';
import type { Reporter } from './reporter.js';
import { openTerminalReport } from './terminal-report.js';

interface Outputs {
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Of a run whose options are known. */
export function openReport(given: Outputs, command: Command, { settings }: Settled): Reporter {
  // Where standard output is data that was asked for, all talk goes to standard error.
  const parts = command.stdoutIsData(settings) ? { ...given, stdout: given.stderr } : given;
  if (settings.json) return jsonReport(parts.stdout, settings.quiet);
  return openTerminalReport({
    ...terminalParts(parts),
    directory: settings.dir ?? null,
    isQuiet: settings.quiet,
    // Data on the same terminal would be in the way.
    hasProgress: takesLong(command) && !(command.stdoutIsData(settings) && given.stdout.isLive),
  });
}

/** The commands that move files, and only those, move many at once; those that read an inventory can decode names. */
function takesLong({ uses }: Command): boolean {
  return uses.includes('concurrency') || uses.includes('decode-names');
}

/** For people, of what happens before they are, or beside a run. */
export function plainReport(parts: Outputs): Reporter {
  return openTerminalReport({ ...terminalParts(parts), directory: null, isQuiet: false, hasProgress: false });
}

function terminalParts({ stdout, stderr }: Outputs) {
  return { stdout, stderr, clock: systemClock, heartbeat: systemHeartbeat };
}

export function jsonReport(stdout: Output, isQuiet: boolean): Reporter {
  return openJsonReport({ write: (line) => stdout.writeUtf8(line), nowMs: Date.now, isQuiet });
}
