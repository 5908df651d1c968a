// How requests to SNS and SQS are made: once, or patiently; what fails becomes a Failure.

import { throwIfInterrupted } from '../../model/failure.js';
import { type Patience, patiently } from '../patience.js';
import { type AskedOfNotices, translatedNotice } from './notice-errors.js';

export interface NoticeRequests {
  /** @throws Failure */
  once<T>(asked: AskedOfNotices, signal: AbortSignal, ask: () => Promise<T>): Promise<T>;
  /** The same again and again while that may help. Everything that is asked for like this may be done twice. @throws Failure */
  patiently<T>(asked: AskedOfNotices, signal: AbortSignal, ask: () => Promise<T>): Promise<T>;
}

export function noticeRequests(patience: Patience): NoticeRequests {
  const once: NoticeRequests['once'] = async (asked, signal, ask) => {
    throwIfInterrupted(signal);
    return ask().catch((thrown: unknown) => {
      throw translatedNotice(thrown, asked, signal);
    });
  };
  return {
    once,
    patiently: (asked, signal, ask) => patiently(asked.deed, patience, signal, () => once(asked, signal, ask)),
  };
}
