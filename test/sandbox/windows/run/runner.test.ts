import path from 'node:path';
import t from 'tap';
import { until } from '../../../fixtures/until.js';
import { onWindows } from '../../../fixtures/windows.js';
import { ENV, FAMILY, isAlive, runLaunched } from './fixtures/launched.js';

t.test('PATH can be unset', onWindows, async (t) => {
  const { stdout } = await runLaunched(t, 'console.log(String(process.env.PATH))', {
    request: { env: { SystemRoot: ENV.SystemRoot } },
  });
  t.equal(stdout.trim(), 'undefined');
});

t.test('what a command leaves behind ends with it', onWindows, async (t) => {
  const { stdout, code } = await runLaunched(t, `${FAMILY}\nsetTimeout(() => process.exit(3), 50)`);
  t.equal(code, 3);
  const [, , left] = JSON.parse(stdout) as number[];
  await until(() => !isAlive(left ?? 0), 'it has ended');
});

t.test('a program that is not there, or is none, has the codes of a shell', onWindows, async (t) => {
  const missing = await runLaunched(t, '', { request: { argv: ['no-such-program'] } });
  t.equal(missing.code, 127);
  t.match(missing.stderr, /cannot run no-such-program/);
  const file = path.join(t.testdir({ 'text.exe': 'no program' }), 'text.exe');
  const invalid = await runLaunched(t, '', { request: { argv: [file] } });
  t.equal(invalid.code, 126, invalid.stderr);
});
