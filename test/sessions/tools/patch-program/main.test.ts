/** The program as the package has it: dist/patch-program. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { runToEnd, startChild } from '../../../fixtures/programs.js';
import { call, folder, patch, PROGRAM, SUCCESS, TWO } from './support/patches.js';

t.test('runs with any Node options, without CODEXD_NODE, and through a link', (t) => {
  const dir = folder(t);
  t.same(call(dir, [TWO], '', { NODE_OPTIONS: '--require /gone.js', NODE_PATH: '/gone' }), SUCCESS);
  const node = path.dirname(process.execPath);
  t.same(
    call(dir, [TWO.replace('-two', '-one')], '', { CODEXD_NODE: '/gone', PATH: `${node}:/usr/bin:/bin` }),
    SUCCESS,
  );
  fs.symlinkSync(PROGRAM, path.join(dir, 'patch'));
  const linked = runToEnd(path.join(dir, 'patch'), [TWO.replace('-two', '-three')], { cwd: dir });
  t.equal(linked.exitCode, 0, linked.stderr);
  t.end();
});

t.test('several simultaneous programs lose nothing', async (t) => {
  const names = Array.from({ length: 8 }, (_, n) => `line${n}`);
  const dir = folder(t, { a: names.map((name) => `${name}\n`).join('') });
  await Promise.all(
    names.map((name) => {
      const text = patch('*** Update File: a', '@@', `-${name}`, `+${name.toUpperCase()}`);
      const child = startChild(PROGRAM, [text], {
        cwd: dir,
        stdio: 'ignore',
        env: { CODEXD_NODE: process.execPath },
        extendEnv: false,
      });
      return new Promise((resolve) => child.on('close', resolve));
    }),
  );
  t.equal(fs.readFileSync(path.join(dir, 'a'), 'utf8'), names.map((name) => `${name.toUpperCase()}\n`).join(''));
  t.same(fs.readdirSync(dir), ['a'], 'and leave nothing behind');
});
