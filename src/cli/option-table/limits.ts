// The options that limit a run: how fast bytes move, how many, and for how long.

import { shownSize, shownSpan, sizeOrOff, spanOrOff } from '../words/amounts.js';
import { bandwidthTimetable } from '../words/bandwidth-timetable.js';
import { withoutDefault } from '../words/option.js';
import { text } from '../words/option-values.js';

export const LIMIT_OPTIONS = {
  bwlimit: withoutDefault({
    group: 'Limits',
    shape: 'RATE',
    help:
      'bytes a second at most, such as 512K or 2MiB/s; UP:DOWN for each direction, such as 1M:off; ' +
      "by the time of day '08:00,512K 19:00,off'",
    parse: bandwidthTimetable,
    shown: (timetable) => timetable.text,
  }),
  'bwlimit-file': withoutDefault({
    group: 'Limits',
    shape: 'FILE',
    help: 'read --bwlimit from this file, and again whenever it changes: for a run under way',
    names: 'file',
    parse: text,
  }),
  'max-transfer': withoutDefault({
    group: 'Limits',
    shape: 'SIZE',
    help: 'begin nothing new once so much has been sent or fetched, such as 10G',
    parse: sizeOrOff,
    shown: shownSize,
  }),
  'max-duration': withoutDefault({
    group: 'Limits',
    shape: 'TIME',
    help: 'begin nothing new after so long, such as 2h30m',
    parse: spanOrOff,
    shown: shownSpan,
  }),
} as const;
