// The options of getting archives back: what it may cost, how it is paced, and how its end is waited for.

import { TopicArn } from '../../model/identifiers.js';
import { Money } from '../../model/money.js';
import {
  dollarsOrOff,
  rate,
  shownDollars,
  shownRate,
  shownSize,
  shownSpan,
  sizeOrOff,
  span,
} from '../words/amounts.js';
import { type Option, toggle, withDefault, withoutDefault } from '../words/option.js';
import { matching, queueReference, text, webAddress } from '../words/option-values.js';

export const RETRIEVAL_OPTIONS = {
  quote: toggle({
    group: 'How',
    help: 'say what it would cost in each tier and when all would be here, and do nothing',
    keptOutOf: 'config and environment',
  }),
  wait: toggle({
    group: 'How',
    help: 'stay until all is here, which takes hours or days; it can be stopped and started again at any time',
    keptOutOf: 'config and environment',
  }),
  'max-cost': withoutDefault({
    group: 'Safety',
    shape: 'DOLLARS',
    help: 'ask for nothing if it would cost more by the table of prices, such as 5 or 0.25',
    parse: dollarsOrOff,
    shown: shownDollars,
  }),
  'safe-cost': {
    group: 'Safety',
    shape: 'DOLLARS',
    help: 'the same where nothing is said by --max-cost; off asks whatever it costs',
    absent: Money.ofMillionths(1_000_000),
    shownDefault: '1',
    parse: dollarsOrOff,
    shown: shownDollars,
  } satisfies Option<Money | null, Money>,
  prices: withoutDefault({
    group: 'Safety',
    shape: 'FILE',
    help: 'a table of prices to reckon with in the place of the built-in one (docs/prices.md)',
    names: 'file',
    parse: text,
  }),
  'max-bytes': withoutDefault({
    group: 'Limits',
    shape: 'SIZE',
    help: 'ask for no more than so much in this run, such as 100G',
    parse: sizeOrOff,
    shown: shownSize,
  }),
  'max-bytes-per-hour': withoutDefault({
    group: 'Limits',
    shape: 'SIZE',
    help: 'ask for no more than so much in an hour, such as 10G',
    parse: sizeOrOff,
    shown: shownSize,
  }),
  'line-speed': withoutDefault({
    group: 'Limits',
    shape: 'RATE',
    help: 'how fast bytes come in, such as 10M: no more is asked for than can come in before it is gone again',
    parse: rate,
    shown: shownRate,
  }),
  queue: withDefault('auto', 'auto', {
    group: 'How',
    shape: 'QUEUE',
    help: 'the SQS queue that tells what is ready, by its name or address; auto is the one that notify setup made, off is none',
    parse: queueReference,
  }),
  'poll-interval': withDefault(15 * 60_000, '15m', {
    group: 'How',
    shape: 'TIME',
    help: 'how often the vault is asked what is ready, where nobody tells',
    parse: span,
    shown: shownSpan,
  }),
  'sns-topic': withoutDefault({
    group: 'How',
    shape: 'ARN',
    help: 'a topic that is told when a retrieval is ready, beside that of the vault',
    parse: (given) => TopicArn.parse(given),
  }),
  'on-complete': withoutDefault({
    group: 'How',
    shape: 'COMMAND',
    help: 'a command for the shell to run when all has come, or no more can be done',
    parse: text,
  }),
  webhook: withoutDefault({
    group: 'How',
    shape: 'URL',
    help: 'an address that is told the same, by a POST of JSON',
    // Whoever knows such an address can mostly post there.
    secret: true,
    parse: webAddress,
  }),
  bind: withDefault('127.0.0.1:8480', '127.0.0.1:8480, this machine only', {
    group: 'Listening',
    shape: 'HOST:PORT',
    help: 'listen on this address; port 0 takes any free one',
    parse: matching(/^(?:\[[0-9A-Fa-f:.]+\]|[^\s:[\]/]+):\d{1,5}$/, 'an address and a port, such as 0.0.0.0:8480'),
  }),
  'tls-cert': withoutDefault({
    group: 'Listening',
    shape: 'FILE',
    help: 'speak https with this certificate and those above it, in PEM; SNS takes only one that is generally trusted',
    names: 'file',
    parse: text,
  }),
  'tls-key': withoutDefault({
    group: 'Listening',
    shape: 'FILE',
    help: 'its private key, in PEM',
    names: 'file',
    parse: text,
  }),
  'behind-proxy': toggle({
    group: 'Listening',
    help: 'speak plain http also where other machines reach it: a proxy before it speaks https',
  }),
  subscribe: withoutDefault({
    group: 'Listening',
    shape: 'URL',
    help: 'the address at which SNS reaches it, which is subscribed to the topic at the start; its path is the only one served',
    parse: webAddress,
  }),
} as const;
