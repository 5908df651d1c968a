// The package as another project gets it: `mtglacier/local-vault` can be imported, is typed, and the document's example runs.

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const MODULES = join(ROOT, 'node_modules');

/** The folder of the other project. */
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'mtglacier-consumer-'));
  install(join(project, 'node_modules'));
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
});
afterAll(() => rmSync(project, { recursive: true }));

/** The packed files, and beside them what the package depends on. */
function install(modules: string): void {
  mkdirSync(modules);
  for (const name of readdirSync(MODULES)) {
    if (!name.startsWith('.') && name !== 'mtglacier') symlinkSync(join(MODULES, name), join(modules, name));
  }
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', project];
  const packed = execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  execFileSync('tar', ['-xzf', packed.trim(), '-C', modules], { cwd: project });
  execFileSync('mv', ['package', 'mtglacier'], { cwd: modules });
}

/** Compiles a file of the project as strictly as can be, and gives what the compiler says. */
function compiled(file: string, types: readonly string[]): string {
  const options = { strict: true, target: 'es2022', module: 'nodenext', lib: ['es2023', 'esnext.disposable'], types };
  const compilerOptions = { ...options, skipLibCheck: types.length > 0, exactOptionalPropertyTypes: true };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
  try {
    return execFileSync(process.execPath, [join(MODULES, 'typescript/bin/tsc')], { cwd: project, encoding: 'utf8' });
  } catch (thrown) {
    return (thrown as { stdout: string }).stdout;
  }
}

function firstExampleIn(document: string): string {
  return /^```ts\n(.*?)^```$/ms.exec(readFileSync(join(ROOT, document), 'utf8'))?.[1] ?? '';
}

test('package: the example of docs/local-vault.md compiles and runs', () => {
  const example = firstExampleIn('docs/local-vault.md');
  expect(example).toContain("from 'mtglacier/local-vault'");
  writeFileSync(join(project, 'example.ts'), example);
  expect(compiled('example.ts', ['node'])).toBe('');
  expect(execFileSync(process.execPath, ['--no-warnings', 'example.js'], { cwd: project, encoding: 'utf8' })).toBe(
    'a picture of the sea\n',
  );
});

test('package: the declarations of the local vault stand by themselves, and refuse what is wrong', () => {
  const wrong =
    "import { startLocalVault } from 'mtglacier/local-vault';\nawait startLocalVault({ folder: 'x' });\nexport {};\n";
  writeFileSync(join(project, 'wrong.ts'), wrong);
  expect(compiled('wrong.ts', [])).toMatch(/^wrong\.ts\(2,\d+\): error TS2353: .*'folder'[^\n]*\n$/);
});

test('package: nothing else of it can be imported', () => {
  const inner = "import('mtglacier/dist/cli/main.js').catch(({ code }) => console.log(code))";
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', inner], { cwd: project, encoding: 'utf8' });
  expect(said).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
});

test('package: it has the documents, the unit and the Dockerfile, and neither tests nor source maps', () => {
  const installed = join(project, 'node_modules/mtglacier');
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  for (const file of ['docs/local-vault.md', 'contrib/local-vault/mtglacier-local-vault.service']) {
    expect(existsSync(join(installed, file)), file).toBe(true);
  }
  expect(files.filter((file) => /\.map$|\.test\.|^(?:test|src|bench|cycletest)\//.test(file))).toEqual([]);
});
