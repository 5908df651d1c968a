// Something of everything that a walk can come upon.

import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { TemporaryDirectory } from './temporary-directory.js';

export function variedTree(): TemporaryDirectory {
  const tree = new TemporaryDirectory();
  for (const name of ['a/x', 'a-b', 'a.txt', 'a0', '\uff5e', '\u{1f600}', 'Жук/é', 'sub/dir/deep.gz', 'sub/deep.jpg']) {
    tree.put(name);
  }
  for (const name of ['bad\tname', 'bad\r/below', '.mtglacier-123-0123456789ab.part']) tree.put(name);
  tree.put('empty', '');
  writeFileSync(Buffer.from(`${tree.path}/bytes\xff`, 'latin1'), 'x');
  mkdirSync(`${tree.path}/nothing`);
  symlinkSync('nowhere', `${tree.path}/dangling`);
  symlinkSync('sub', `${tree.path}/linked`);
  symlinkSync('..', `${tree.path}/sub/up`);
  symlinkSync('a.txt', `${tree.path}/linked-file`);
  symlinkSync('x'.repeat(300), `${tree.path}/unseen`);
  execFileSync('mkfifo', [`${tree.path}/pipe`]);
  execFileSync('touch', ['-d', '@-1.5', `${tree.path}/a.txt`]);
  execFileSync('touch', ['-d', '@1700000000.999999999', `${tree.path}/a0`]);
  return tree;
}
