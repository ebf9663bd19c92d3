/** The program as the package has it: dist/patch-program. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { runToEnd } from '../../../fixtures/programs.js';

const patch = (...lines: readonly string[]): string => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');
const folder = (t: Test, files: Readonly<Record<string, string>> = { a: 'one\ntwo\nthree\n', b: 'b\n' }): string =>
  fs.realpathSync(t.testdir(files));
const TWO = patch('*** Update File: a', '@@', '-two', '+TWO');
const PROGRAM = path.resolve('dist', 'patch-program', 'apply_patch');
/** The wrapper, as a shell finds it. */
const call = (cwd: string, args: readonly string[], input: string | Buffer = '', env: NodeJS.ProcessEnv = {}) => {
  const base = { PATH: `${path.dirname(PROGRAM)}:/usr/bin:/bin`, CODEXD_NODE: process.execPath };
  const options = { cwd, input, env: { ...base, ...env }, extendEnv: false };
  const { exitCode, stdout, stderr } = runToEnd(PROGRAM, args, options);
  return { status: exitCode, stdout, stderr };
};
const SUCCESS = { status: 0, stdout: 'Success. Updated the following files:\nM a\n', stderr: '' };

t.test('reads the patch from its argument or from standard input', (t) => {
  const dir = folder(t);
  t.same(call(dir, [TWO], 'junk'), SUCCESS);
  t.same(call(dir, [], TWO.replace('-two', '-one')), SUCCESS);
  t.same(call(dir, [JSON.stringify({ input: TWO.replace('-two', '-three') })]), SUCCESS);
  const usage = "Usage: apply_patch 'PATCH'\n       echo 'PATCH' | apply_patch\n";
  t.same(call(dir, []), { status: 2, stdout: '', stderr: usage });
  t.same(call(dir, ['a', 'b']), {
    status: 2,
    stdout: '',
    stderr: 'Error: apply_patch accepts exactly one argument.\n',
  });
  t.match(call(dir, ['--help']).stderr, /^Invalid patch: The first line of the patch must be/);
  t.same(call(dir, [], Buffer.from('caf\xe9', 'latin1')).stderr.split('\n'), [
    'Error: Failed to read PATCH from stdin.',
    'stream did not contain valid UTF-8',
    '',
  ]);
  const latin = runToEnd('/bin/bash', ['-c', `"$0" $'caf\\xe9'`, PROGRAM]);
  t.same([latin.exitCode, latin.stderr], [1, 'Error: apply_patch requires a UTF-8 PATCH argument.\n']);
  t.match(call(dir, [], Buffer.alloc(5_000_000, 120)).stderr, /^Invalid patch: it has more than 524288 characters/);
  t.end();
});
