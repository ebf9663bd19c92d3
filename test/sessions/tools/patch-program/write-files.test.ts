import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { runPatchProgram } from '../../../../server/sessions/tools/patch-program/run-program.js';
import { runToEnd } from '../../../fixtures/programs.js';
import { contents, folder, patch, TWO } from './support/patches.js';

t.test("a file that cannot be written is reported with the kernel's error and the files written before", (t) => {
  const dir = folder(t, { a: 'a\n' });
  fs.mkdirSync(path.join(dir, 'd'));
  runToEnd('mkfifo', [path.join(dir, 'fifo')]);
  const failure = `Failed to write file ${dir}/d: Is a directory (os error 21)`;
  t.same(
    runPatchProgram([patch('*** Add File: n', '+x', '*** Add File: d', '+x', '*** Add File: o', '+x')], dir).stderr,
    `${failure}\nWhat came before it in the patch was written. Success. Updated the following files:\nA n\n`,
  );
  t.same(contents(dir), { a: 'a\n', n: 'x\n' });
  t.match(
    runPatchProgram([patch('*** Add File: a/b', '+x')], dir).stderr,
    /^Failed to (create parent directories for|write file) .*: Not a directory \(os error 20\)\n$/,
  );
  t.equal(
    runPatchProgram([patch('*** Add File: fifo', '+x')], dir).stderr,
    `Failed to write file ${dir}/fifo: path \`${dir}/fifo\` is not a file\n`,
  );
  t.end();
});

t.test('a file keeps its mode and its links', (t) => {
  const dir = folder(t);
  fs.chmodSync(path.join(dir, 'a'), 0o750);
  fs.linkSync(path.join(dir, 'a'), path.join(dir, 'hard'));
  fs.symlinkSync('a', path.join(dir, 'soft'));
  t.equal(runPatchProgram([TWO.replace(': a', ': soft')], dir).exitCode, 0);
  t.equal(fs.statSync(path.join(dir, 'a')).mode & 0o777, 0o750);
  t.equal(fs.readFileSync(path.join(dir, 'hard'), 'utf8'), 'one\nTWO\nthree\n');
  t.equal(runPatchProgram([patch('*** Delete File: soft')], dir).exitCode, 0);
  t.same(fs.readdirSync(dir).sort(), ['a', 'b', 'hard'], 'of a link, the link goes');
  t.end();
});
