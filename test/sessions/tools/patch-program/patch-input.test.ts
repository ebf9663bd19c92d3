/** The program as the package has it: dist/patch-program. */
import t from 'tap';
import { runToEnd } from '../../../fixtures/programs.js';
import { call, folder, PROGRAM, SUCCESS, TWO } from './support/patches.js';

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
