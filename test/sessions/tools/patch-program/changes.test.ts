/** What a patch says is judged against the disk as a whole, before anything is written. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { runPatchProgram } from '../../../../server/sessions/tools/patch-program/run-program.js';
import { runToEnd } from '../../../fixtures/programs.js';
import { contents, folder, patch } from './support/patches.js';

t.test('a patch that does not fit changes nothing, and the reason is reported', (t) => {
  const dir = folder(t, { a: 'one\ntwo\n', latin: 'x' });
  fs.writeFileSync(path.join(dir, 'latin'), Buffer.from('caf\xe9\n', 'latin1'));
  fs.mkdirSync(path.join(dir, 'd'));
  runToEnd('mkfifo', [path.join(dir, 'fifo')]);
  fs.symlinkSync('loop', path.join(dir, 'loop'));
  const gone = 'No such file or directory (os error 2)';
  const cases: readonly [readonly string[], string][] = [
    [['*** Update File: a', '@@', '-nope', '+x'], `Failed to find expected lines in ${dir}/a:\nnope`],
    [['*** Update File: nope', '@@', '-a', '+b'], `Failed to read file to update ${dir}/nope: ${gone}`],
    [
      ['*** Update File: d', '@@', '-a', '+b'],
      `Failed to read file to update ${dir}/d: path \`${dir}/d\` is not a file`,
    ],
    [
      ['*** Update File: fifo', '@@', '-a', '+b'],
      `Failed to read file to update ${dir}/fifo: path \`${dir}/fifo\` is not a file`,
    ],
    [
      ['*** Update File: latin', '@@', '-a', '+b'],
      `Failed to read file to update ${dir}/latin: stream did not contain valid UTF-8`,
    ],
    [['*** Delete File: nope'], `Failed to delete file ${dir}/nope: ${gone}`],
    [['*** Delete File: d'], `Failed to delete file ${dir}/d: Is a directory (os error 21)`],
    [['*** Delete File: n', '*** Add File: n', '+x'], `Failed to delete file ${dir}/n: ${gone}`],
    [['*** Delete File: a', '*** Delete File: a'], `Failed to delete file ${dir}/a: ${gone}`],
    [
      ['*** Delete File: a', '*** Update File: a', '@@', '-one', '+b'],
      `Failed to read file to update ${dir}/a: ${gone}`,
    ],
    [['*** Add File: loop', '+x'], `Failed to find ${dir}/loop: too many levels of symbolic links in ${dir}/loop`],
    [
      ['*** Frob: a'],
      "Invalid patch hunk on line 2: '*** Frob: a' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'",
    ],
    [['*** Update File: a'], "Invalid patch hunk on line 2: Update file hunk for path 'a' is empty"],
    [[], 'No files were modified.'],
  ];
  const before = contents(dir);
  for (const [lines, stderr] of cases) {
    // What fits comes first: it is not written either.
    const first =
      lines.length === 0 || lines[0]?.startsWith('*** Frob') || lines.length === 1 ? [] : ['*** Add File: z', '+z'];
    t.same(runPatchProgram([patch(...first, ...lines)], dir), { exitCode: 1, stdout: '', stderr: `${stderr}\n` });
  }
  t.same(
    runPatchProgram(['*** Begin Patch'], dir).stderr,
    "Invalid patch: The last line of the patch must be '*** End Patch'\n",
  );
  t.same(contents(dir), before);
  t.end();
});
