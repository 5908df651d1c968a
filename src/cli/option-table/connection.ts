// The options that say where the vaults are and who asks.

import { toggle, withDefault, withoutDefault } from '../words/option.js';
import { endpoint, matching, oneOf, secretMatching, serverOrigin, text, wholeNumber } from '../words/option-values.js';

export const CONNECTION_OPTIONS = {
  region: withoutDefault({
    group: 'Connection',
    shape: 'REGION',
    help: 'the AWS region of the vault, such as eu-west-1',
    parse: matching(/^[A-Za-z0-9-]{3,20}$/, '3 to 20 letters, digits and dashes'),
  }),
  key: withoutDefault({
    group: 'Connection',
    shape: 'ID',
    help: 'access key id; without key and secret, the usual AWS places are searched (environment, profile, role)',
    secret: true,
    parse: secretMatching(/^[A-Za-z0-9]{20}$/, 'exactly 20 letters and digits'),
  }),
  secret: withoutDefault({
    group: 'Connection',
    shape: 'SECRET',
    help: 'secret access key; better kept in a config file than typed',
    secret: true,
    parse: secretMatching(/^[\x21-\x7e]{40}$/, 'exactly 40 printable characters without blanks'),
  }),
  token: withoutDefault({
    group: 'Connection',
    shape: 'TOKEN',
    help: 'session token that belongs to temporary keys',
    secret: true,
    parse: secretMatching(/^[\x21-\x7e]{20,}$/, 'at least 20 printable characters without blanks'),
  }),
  profile: withoutDefault({
    group: 'Connection',
    shape: 'NAME',
    help: 'profile of the AWS configuration files to take credentials from',
    parse: text,
  }),
  endpoint: withoutDefault({
    group: 'Connection',
    shape: 'URL',
    help: 'another server than that of AWS, or local:DIR to keep vaults in a folder',
    parse: endpoint,
  }),
  protocol: withDefault('https', 'https', {
    group: 'Connection',
    shape: 'NAME',
    help: 'https, or http to send unencrypted',
    words: ['http', 'https'],
    parse: oneOf(['http', 'https'] as const),
  }),
  timeout: withDefault(180, '180', {
    group: 'Connection',
    shape: 'SECONDS',
    help: 'give a connection up after so many seconds in which nothing moves; 0 never',
    parse: wholeNumber(0, 99_999),
  }),

  data: withoutDefault({
    group: 'Local server',
    shape: 'DIR',
    help: 'the folder that holds the vaults; made when missing',
    names: 'directory',
    parse: text,
  }),
  host: withDefault('127.0.0.1', '127.0.0.1, this machine only', {
    group: 'Local server',
    shape: 'ADDRESS',
    help: 'listen on this address',
    parse: text,
  }),
  port: withDefault(8118, '8118', {
    group: 'Local server',
    shape: 'PORT',
    help: 'listen on this port; 0 takes any free one',
    parse: wholeNumber(0, 65_535),
  }),
  'public-url': withoutDefault({
    group: 'Local server',
    shape: 'URL',
    help: 'how clients reach it, where that is not the address it listens on: http://vault.example:8118, or the https address of a proxy before it',
    parse: serverOrigin,
  }),
  'max-connections': withDefault(1024, '1024', {
    group: 'Local server',
    shape: 'NUMBER',
    help: 'serve so many connections at once; more are refused with 503',
    parse: wholeNumber(1, 100_000),
  }),
  'job-delay': withoutDefault({
    group: 'Local server',
    shape: 'SECONDS',
    help: 'every retrieval takes so long, instead of 1, 5 or 10 seconds by its tier',
    parse: wholeNumber(0, 604_800),
  }),
  realistic: toggle({ group: 'Local server', help: 'retrievals take hours, as at AWS, instead of seconds' }),
  speed: withDefault(1, '1', {
    group: 'Local server',
    shape: 'TIMES',
    help: 'the clock of vaults and jobs goes so much faster; with 3600 an hour is a second',
    parse: wholeNumber(1, 1_000_000),
  }),
  'upload-idle': withDefault(24, '24', {
    group: 'Local server',
    shape: 'HOURS',
    help: 'an upload in parts that stands still for so long, by the clock of vaults, is gone; 0 keeps it for ever',
    parse: wholeNumber(0, 87_600),
  }),
  accounts: withDefault(1, '1', {
    group: 'Local server',
    shape: 'NUMBER',
    help: 'have so many accounts, each with its own key and vaults; those that are missing are made',
    parse: wholeNumber(1, 100),
  }),
  control: withoutDefault({
    group: 'Local server',
    shape: 'PORT',
    help: 'let programs of this machine move the clock and order faults at this port of 127.0.0.1; 0 takes any free one',
    parse: wholeNumber(0, 65_535),
  }),
  log: withoutDefault({
    group: 'Local server',
    shape: 'FILE',
    help: 'append a line of JSON for every request to this file, which SIGUSR2 opens anew after it was renamed; - is standard error',
    names: 'file',
    parse: text,
  }),
  discard: toggle({
    group: 'Local server',
    help: 'check the bytes of archives and throw them away, to measure clients; they cannot be retrieved',
  }),
  check: toggle({
    group: 'Local server',
    help: 'read all of the folder while no server runs, and tell what is damaged (exit code 4, else 0); nothing is served or changed',
  }),
} as const;
