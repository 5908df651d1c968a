// Something the user should know before the run begins.

import type { RunEvent } from '../../model/events.js';

export type Notice = Omit<Extract<RunEvent, { event: 'notice' }>, 'event'>;
