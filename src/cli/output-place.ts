// Where get puts what it brings, as the options say it: looked at before the vault is asked for anything.

import { basename, dirname } from 'node:path';
import { type KeptDirectory, openKeptDirectory } from '../disk/kept-directory.js';
import { type Place, placeOf } from '../disk/place.js';
import { Failure } from '../model/failure.js';
import { printable, RelPath } from '../model/rel-path.js';
import type { CommandContext } from './command-context.js';
import { checkIsDirectory } from './words/option-values.js';

type Context = Pick<CommandContext, 'settings' | 'encodings'>;

export type OutputPlace =
  | { readonly kind: 'directory'; readonly directory: KeptDirectory }
  | { readonly kind: 'file'; readonly directory: KeptDirectory; readonly name: RelPath }
  | { readonly kind: 'stdout' };

/** @throws Failure USAGE when the file is there already, or has no directory */
export function placeFor({ settings, encodings }: Context): OutputPlace {
  const { dir, output } = settings;
  const options = { encoding: encodings.filenames };
  if (dir !== undefined) return { kind: 'directory', directory: openKeptDirectory(dir, options) };
  if (output === undefined) throw new Error('get was given no place');
  if (output === '-') return { kind: 'stdout' };
  if (output.endsWith('/')) {
    throw new Failure('USAGE', `--output ${printable(output)} is a directory`, { hint: 'name a file, or give --dir' });
  }
  checkIsDirectory(dirname(output), 'the directory of --output', encodings.filenames);
  const name = basename(output);
  const why = RelPath.whyNot(name);
  if (why !== null) throw new Failure('USAGE', `--output ${printable(output)} ${why}`, { hint: 'choose another name' });
  const directory = openKeptDirectory(dirname(output), options);
  if (directory.look(name as RelPath).kind !== 'missing') {
    throw new Failure('USAGE', `--output ${printable(output)} is there already`, { hint: 'nothing is written over' });
  }
  return { kind: 'file', directory, name: name as RelPath };
}

/** For threads that write there. */
export function landingPlace(place: OutputPlace, { encodings }: Context): Place {
  return place.kind === 'stdout' ? placeOf('.', encodings.filenames) : place.directory.place;
}
