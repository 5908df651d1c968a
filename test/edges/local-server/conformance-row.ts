// A row of the conformance tables: a request, and what must come back.

import { expect } from 'vitest';
import { type RawRequest, send, type Target } from './raw-client.js';

export interface Row {
  readonly row: string;
  readonly that: string;
  readonly request: () => RawRequest;
  readonly status: number;
  readonly code?: string;
  readonly message?: () => string | RegExp;
  readonly headers?: () => Record<string, unknown>;
  readonly json?: () => object;
}

export const INVALID = 'InvalidParameterValueException';
export const MISSING = 'MissingParameterValueException';
export const ABSENT = 'ResourceNotFoundException';
export const DENIED = 'AccessDeniedException';
export const LIMITED = 'LimitExceededException';

/** Sends the request, and holds the answer against the row. */
export async function checkRow(target: Target, row: Row): Promise<void> {
  const { request, status, code, message, headers, json } = row;
  const answer = await send(target, request());
  expect({ status: answer.status, code: answer.json['code'] }).toEqual({ status, code });
  if (code !== undefined) {
    expect(answer.json).toEqual({ code, message: expect.any(String), type: status >= 500 ? 'Server' : 'Client' });
  }
  if (message !== undefined) expect(answer.json['message']).toEqual(asMatcher(message()));
  for (const [name, value] of Object.entries(headers?.() ?? {})) expect(answer.headers[name]).toEqual(value);
  if (json !== undefined) expect(answer.json).toMatchObject(json());
  expect(answer.headers['x-amzn-requestid']).toMatch(/^[\w-]{47}$/);
  expect(Math.abs(Date.parse(answer.headers.date ?? '') - Date.now())).toBeLessThan(60_000);
}

function asMatcher(message: string | RegExp): unknown {
  return typeof message === 'string' ? message : expect.stringMatching(message);
}
