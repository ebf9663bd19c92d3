/** What the tests of the `apply_patch` program share: patches, folders, and the program as a shell finds it. */
import fs from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { runToEnd } from '../../../../fixtures/programs.js';

export const patch = (...lines: readonly string[]): string => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');

export const folder = (
  t: Test,
  files: Readonly<Record<string, string>> = { a: 'one\ntwo\nthree\n', b: 'b\n' },
): string => fs.realpathSync(t.testdir(files));

/** The regular files below a folder, by name; links are not followed. */
export const contents = (dir: string): Record<string, string> =>
  Object.fromEntries(
    fs
      .readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => fs.lstatSync(path.join(dir, name)).isFile())
      .map((name) => [name, fs.readFileSync(path.join(dir, name), 'utf8')]),
  );

/** Changes the second line of the file `a`. */
export const TWO = patch('*** Update File: a', '@@', '-two', '+TWO');

/** The wrapper of the package. */
export const PROGRAM = path.resolve('dist', 'patch-program', 'apply_patch');

export function call(cwd: string, args: readonly string[], input: string | Buffer = '', env: NodeJS.ProcessEnv = {}) {
  const base = { PATH: `${path.dirname(PROGRAM)}:/usr/bin:/bin`, CODEXD_NODE: process.execPath };
  const options = { cwd, input, env: { ...base, ...env }, extendEnv: false };
  const { exitCode, stdout, stderr } = runToEnd(PROGRAM, args, options);
  return { status: exitCode, stdout, stderr };
}

/** What `call` returns when TWO was written. */
export const SUCCESS = { status: 0, stdout: 'Success. Updated the following files:\nM a\n', stderr: '' };
