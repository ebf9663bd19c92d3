import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { shellWithPatchProgram, withPatchProgram } from '../../../server/exec/start/patch-program.js';
import { runToEnd } from '../../fixtures/programs.js';

const FOLDER = '/opt/codexd/patch-program';

t.test('the folder is the first of PATH, and nothing else changes', (t) => {
  t.same(
    { ...withPatchProgram({ PATH: '/usr/bin', A: '1' }, FOLDER) },
    { PATH: `${FOLDER}:/usr/bin`, A: '1', CODEXD_NODE: process.execPath },
  );
  t.same({ ...withPatchProgram({}, FOLDER) }, { CODEXD_NODE: process.execPath }, 'without a PATH the default stays');
  t.same({ ...withPatchProgram({ PATH: '' }, FOLDER) }, { PATH: '', CODEXD_NODE: process.execPath });
  t.same({ ...withPatchProgram({ PATH: '/usr/bin' }, '/a:b') }, { PATH: '/usr/bin' }, 'PATH cannot name it');
  t.end();
});

t.test('a shell gets it back when it sets PATH again', (t) => {
  const of = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { argv: words, env: all, readable } = shellWithPatchProgram({ argv, env: { PATH: '/bin', ...env } }, FOLDER);
    return { script: words.join(' '), bashEnv: all.BASH_ENV, readable };
  };
  const readable = [FOLDER, process.execPath];
  const bashEnv = `${FOLDER}/bash-env`;
  t.same(of(['/bin/bash', '-lc', 'x']), { script: '/bin/bash -lc x', bashEnv, readable });
  t.same(of(['/bin/sh', '-c', 'x']).script, '/bin/sh -c x');
  t.same(of(['/bin/sh', '-lc', 'x']).script, `/bin/sh -lc PATH='${FOLDER}':"$PATH"; x`);
  t.same(of(['/usr/bin/fish', '-lc', 'x']).script, '/usr/bin/fish -lc x', 'another language');
  const own = of(['/bin/bash', '-lc', 'x'], { BASH_ENV: '/home/me/env' });
  t.same(own, { script: `/bin/bash -lc PATH='${FOLDER}':"$PATH"; x`, bashEnv: '/home/me/env', readable });
  t.same(shellWithPatchProgram({ argv: ['a'], env: {} }, '/a:b'), { argv: ['a'], env: {}, readable: [] });
  t.end();
});

t.test('login shells find it under a folder with any name', (t) => {
  const folder = path.join(t.testdir(), "it's a $folder");
  fs.mkdirSync(folder);
  fs.copyFileSync('dist/patch-program/bash-env', path.join(folder, 'bash-env'));
  for (const name of ['apply_patch', 'applypatch', 'apply-patch'])
    fs.writeFileSync(path.join(folder, name), '#!/bin/sh\necho found\n', { mode: 0o755 });
  for (const shell of ['/bin/bash', '/bin/sh'])
    for (const flags of ['-lc', '-c'])
      for (const script of [
        'apply_patch',
        'applypatch; apply-patch',
        "bash -lc apply_patch; sh -c 'bash -lc apply_patch'",
      ]) {
        const env = { PATH: process.env.PATH ?? '', HOME: t.testdirName };
        const { argv, env: all } = shellWithPatchProgram({ argv: [shell, flags, script], env }, folder);
        const [file = '', ...args] = argv;
        const { stdout, stderr } = runToEnd(file, args, { env: all, extendEnv: false });
        t.match(stdout, /^(found\n)+$/, `${shell} ${flags} ${script}: ${stderr}`);
      }
  t.end();
});
