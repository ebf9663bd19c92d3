/** Terminals that the runner makes, through the daemon's own start, launcher and runner. */
import t, { type Test } from 'tap';
import { onConsole } from '../../../fixtures/on-console.js';
import { until } from '../../../fixtures/until.js';
import { notOnWindows, onWindows } from '../../../fixtures/windows.js';
import { openTerminal } from '../../../../server/sandbox/windows/run/runner-terminal.js';
import { FAMILY, isAlive, REAL_RUNNER, requestFor, startOnOwnConsole } from './fixtures/launched.js';

const PATIENCE_MS = 90_000;
const SIZE = { rows: 30, cols: 90 };

async function start(t: Test, script: string, runner?: readonly string[]) {
  const argv = onConsole(process.execPath, '-e', script);
  const written = requestFor(t, script, { request: { argv, terminal: SIZE } });
  const child = await startOnOwnConsole(written.path, runner);
  t.teardown(() => isAlive(child.pid) && process.kill(child.pid, 'SIGKILL'));
  let shown = '';
  child.stdout.read((piece) => void (shown += piece.toString()));
  return { child, shown: () => shown };
}

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => openTerminal(SIZE, false), { code: 'machine.native-module' });
});

t.test('a command has a terminal of its size, input and its end, and an exit code', onWindows, async (t) => {
  const { child, shown } = await start(
    t,
    `const { stdin, stdout } = process;
     console.log([stdin.isTTY, stdout.isTTY, stdout.columns, stdout.rows].join(' '));
     stdin.on('data', (line) => (String(line).startsWith('\\x1a') ? process.exit(5) : console.log('got ' + line)))`,
  );
  await until(() => shown().includes('true true 90 30'), shown, PATIENCE_MS);
  child.resize?.({ rows: 10, cols: 40 });
  await child.stdin?.write(Buffer.from('hello\r'));
  await until(() => shown().includes('got hello'), shown, PATIENCE_MS);
  child.stdin?.end();
  t.equal((await child.exited).code, 5, shown());
  await child.stdout.ended;
});

t.test('what it shows last arrives, and what it leaves behind ends', onWindows, async (t) => {
  const { child, shown } = await start(
    t,
    `${FAMILY}\nsetTimeout(() => { console.log('the end'); process.exit(3) }, 50)`,
  );
  t.equal((await child.exited).code, 3, shown());
  await child.stdout.ended;
  t.match(shown(), 'the end');
  const [, pid = '0'] = /,(\d+)\]/.exec(shown()) ?? [];
  t.not(pid, '0');
  await until(() => !isAlive(Number(pid)), 'the detached child has ended');
});

t.test('a refusal is shown on the terminal', onWindows, async (t) => {
  const { child, shown } = await start(t, 'console.log("ran")', REAL_RUNNER);
  t.equal((await child.exited).code, 126);
  await child.stdout.ended;
  t.match(shown(), /Windows made a token that is not restricted/);
  t.notMatch(shown(), /ran$/m);
});
