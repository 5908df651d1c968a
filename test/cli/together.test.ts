// Options that go together, and those that do not.

import { describe, expect, it } from 'vitest';
import { hintOf, refusal, SYNC, settled } from './settled.js';

const UPLOAD = 'upload-file --vault v --journal j';
const STDIN = '--stdin --set-rel-filename a';
const GET = 'get --vault v --journal j';

describe('settings together', () => {
  it.each([
    [`${UPLOAD} --filename f --dir . --set-rel-filename a`, '--set-rel-filename and --dir exclude each other'],
    [`${UPLOAD} --filename f ${STDIN} --check-max-file-size 1`, '--filename and --stdin exclude each other'],
    [UPLOAD, 'upload-file needs --filename or --stdin'],
    ['upload-file', 'upload-file needs --vault, --journal\nupload-file needs --filename or --stdin'],
    [`${UPLOAD} --filename f`, '--filename needs --dir or --set-rel-filename'],
    [`${UPLOAD} --stdin`, '--stdin needs --set-rel-filename and --check-max-file-size'],
    [`${UPLOAD} ${STDIN}`, '--stdin needs --check-max-file-size'],
    [`${UPLOAD} --stdin --check-max-file-size 1 --dir .`, '--stdin needs --set-rel-filename'],
    [
      `${UPLOAD} ${STDIN} --check-max-file-size 160001`,
      '--check-max-file-size 160001 is more than 10,000 parts of --partsize 16 hold',
    ],
    [
      `${UPLOAD} --filename f --dir . --check-max-file-size 10001 --partsize 1`,
      '--check-max-file-size 10001 is more than 10,000 parts of --partsize 1 hold',
    ],
    [`${SYNC} --detect mtime`, '--detect has no meaning without --replace-modified'],
    ['uploads --vault v --resume --all', '--resume needs --dir and --journal'],
    ['uploads --vault v --resume --dir . --all', '--resume needs --journal'],
    ['uploads --vault v --resume --dir . --journal j', '--resume needs --id or --all'],
    ['uploads --vault v --abort', '--abort needs --id or --all'],
    ['uploads --vault v --abort --id x --all', '--id and --all exclude each other'],
    ['uploads --vault v --all', '--all has no meaning without --resume or --abort'],
    ['uploads --vault v --id x', '--id has no meaning without --resume or --abort'],
    ['uploads --vault v --dir .', '--dir has no meaning without --resume'],
    ['uploads --vault v --abort --resume --all --dir . --journal j', '--resume and --abort exclude each other'],
    [`${GET} --dir .`, 'get needs a NAME or --id'],
    [`${GET} f`, 'get needs --dir or --output'],
    [`${GET} f --dir . --output o`, '--dir and --output exclude each other'],
    [`${GET} f g --output o`, '--output takes one archive, and 2 are named'],
    [`${GET} f --id x --id y --output -`, '--output takes one archive, and 3 are named'],
    ['rm --vault v --journal j', 'rm needs a NAME or --id'],
    ['rm --vault v --journal j --id x --all-versions', '--all-versions has no meaning without a NAME'],
    ['ls --journal j --null --json', '--null and --json exclude each other'],
  ])('settings together: %s is refused', (line, message) => {
    expect(refusal(() => settled(line))).toBe(`USAGE ${message}`);
  });

  it.each([
    `${UPLOAD} --filename f --dir .`,
    `${UPLOAD} --filename f --set-rel-filename a/b --check-max-file-size 160000`,
    `${UPLOAD} ${STDIN} --check-max-file-size 160000`,
    `${UPLOAD} ${STDIN} --check-max-file-size 40960000 --partsize 4096`,
    `${SYNC} --detect mtime --replace-modified`,
    'uploads --vault v',
    'uploads --vault v --journal j',
    'uploads --vault v --abort --id x --id y',
    'uploads --vault v --resume --all --dir . --journal j',
    `${GET} --id x --output -`,
    `${GET} a b --id x --dir .`,
    'rm --vault v --journal j --id x',
    'rm --vault v --journal j f --all-versions',
    'verify-remote --vault v --journal j --adopt --forget --dry-run',
  ])('settings together: %s is taken', (line) => {
    expect(settled(line).settings.json).toBe(false);
  });

  it('settings together: the part size that is enough is named, and it is enough', () => {
    for (const size of [160_001, 320_000, 320_001, 40_960_000]) {
      const line = `${UPLOAD} ${STDIN} --check-max-file-size ${size}`;
      const hint = hintOf(() => settled(line));
      const [, enough = ''] = /^--partsize (\d+) is enough$/.exec(hint) ?? [];
      expect(settled(`${line} --partsize ${enough}`).settings.checkMaxFileSize).toBe(size);
      expect(hintOf(() => settled(`${line} --partsize ${Number(enough) / 2}`))).toBe(hint);
    }
  });

  it('settings together: of two that exclude each other the nearer to the user counts', () => {
    const { settings, origins } = settled(`${UPLOAD} --filename f --set-rel-filename a`, 'dir = .\nstdin');
    expect([settings.dir, settings.stdin, settings.setRelFilename]).toEqual([undefined, false, 'a']);
    expect([origins.dir, origins.stdin]).toEqual(['default', 'default']);
    expect(settled('ls --journal j --null', '', { MTGLACIER_JSON: '1' }).settings).toMatchObject({
      null: true,
      json: false,
    });
    expect(settled(`${GET} f --output o`, '', { MTGLACIER_DIR: '.' }).settings.dir).toBeUndefined();
    expect(settled(UPLOAD, 'filename = f\ndir = .', { MTGLACIER_SET_REL_FILENAME: 'a' }).settings.dir).toBeUndefined();
  });

  it('settings together: two that are equally near are told with their places', () => {
    expect(refusal(() => settled(`${UPLOAD} --filename f`, 'dir = .\nset-rel-filename = a'))).toBe(
      'USAGE glacier.cfg:2: set-rel-filename and glacier.cfg:1: dir exclude each other',
    );
  });

  it('settings together: what only a task makes use of waits in a config for that task', () => {
    expect(settled(SYNC, 'detect = mtime').settings.detect).toBe('mtime-and-treehash');
    expect(settled(`${SYNC} --replace-modified`, 'detect = mtime').settings.detect).toBe('mtime');
    expect(settled('uploads --vault v', 'dir = /does/not/exist').settings.dir).toBeUndefined();
    expect(settled('rm --vault v --journal j --id x', 'all-versions').settings.allVersions).toBe(false);
  });
});
