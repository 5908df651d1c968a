// The built program's own files, for scripts that run on the stage: what they need of them is told where they are used.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @param file below `dist` */
export async function built<T>(file: string): Promise<T> {
  return (await import(pathToFileURL(resolve('program', 'dist', file)).href)) as T;
}
