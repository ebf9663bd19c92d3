import t from 'tap';
import { runPatchProgram } from '../../../../server/sessions/tools/patch-program/run-program.js';
import { contents, folder, patch } from './support/patches.js';

t.test('adds, changes, moves and removes files, and reports it', (t) => {
  const dir = folder(t);
  const text = patch(
    ...['*** Add File: sub/n', '+x', '*** Update File: a', '*** Move to: m/a2', '@@', '-two', '+x'],
    ...['*** Delete File: b', `*** Add File: ${dir}/abs`, '+y'],
  );
  const stdout = `Success. Updated the following files:\nA sub/n\nA ${dir}/abs\nM m/a2\nD b\n`;
  t.same(runPatchProgram([text], dir), { exitCode: 0, stdout, stderr: '' });
  t.same(contents(dir), { 'sub/n': 'x\n', 'm/a2': 'one\nx\nthree\n', abs: 'y\n' });
  t.end();
});

t.test('operations on one file build on each other', (t) => {
  const dir = folder(t);
  const text = patch(
    ...['*** Update File: a', '@@', '-two', '+x', '*** Update File: a', '@@', ' x', '-three', '+y'],
    ...['*** Add File: n', '+1', '*** Update File: n', '@@', '-1', '+2', '*** Delete File: b', '*** Add File: b', '+c'],
  );
  t.equal(runPatchProgram([text], dir).exitCode, 0);
  t.same(contents(dir), { a: 'one\nx\ny\n', n: '2\n', b: 'c\n' });
  t.end();
});
