#!/usr/bin/env node
// The program: what runs when `mtglacier` is typed.

import { openOutput } from './report/output.js';
import { runProgram } from './run-program.js';
import { wholeWrites } from './whole-writes.js';

// `process` is the global one here and in what the version loads: importing it has every property of it made, which takes
// milliseconds.

// Beyond a limit on file sizes a write is to fail like one to a full disk, instead of ending the process without a word.
process.on('SIGXFSZ', () => undefined);

const stdout = openOutput(wholeWrites(process.stdout), process.env);
const stderr = openOutput(wholeWrites(process.stderr), process.env);

// However it ends, what is held is told.
process.on('exit', () => stdout.flush());

const argv = process.argv.slice(2);
const commands = async () => (await import('./words/commands.js')).COMMANDS;
const exitCode = await runProgram({ argv, environment: process.env, commands, stdout, stderr, process });
process.exitCode = exitCode;
// A reader that has stopped reading must not hold an interrupted run for ever: what it has not taken has a second more.
if (exitCode >= 128) setTimeout(() => process.exit(), 1000).unref();
