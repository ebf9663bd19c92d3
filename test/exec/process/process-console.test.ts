import t from 'tap';
import { spawnOnConsole } from '../../../server/exec/process/process-console.js';
import { onConsole } from '../../fixtures/on-console.js';
import { until } from '../../fixtures/until.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
const call = ([file = '', ...args]: readonly string[]) => ({ file, args, cwd: process.cwd(), env });
const size = { rows: 24, cols: 80 };

t.test('elsewhere it is refused', notOnWindows, async (t) => {
  await t.rejects(spawnOnConsole(call([process.execPath]), size), { name: 'SpawnError' });
});

t.test('the end of the input ends a program that reads its console', onWindows, async (t) => {
  // ReadFile of Windows takes a line with ^Z for the end of file. Wine's does not, and Node's stream neither.
  const reader = `console.log('ready');
    process.stdin.on('data', (line) => (String(line).startsWith('\\x1a') ? process.exit(5) : console.log('got ' + line)))`;
  let started = 0;
  const child = await spawnOnConsole(
    { ...call(onConsole(process.execPath, '-e', reader)), onStart: ({ pid }) => void (started = pid) },
    size,
  );
  t.equal(started, child.pid);
  t.equal(child.stderr, null);
  let shown = '';
  child.stdout.read((piece) => void (shown += piece.toString()));
  await until(
    () => shown.includes('ready'),
    () => shown,
    60_000,
  );
  await child.stdin!.write(Buffer.from('some words'));
  child.stdin!.end();
  t.strictSame(await child.exited, { code: 5, signal: null });
  await child.stdout.ended;
  t.match(shown, 'got some words');
  child.stdin!.destroy();
});

t.test('a program that is not there has the words of Windows', onWindows, async (t) => {
  const words = [
    ['C:\\no-such.exe', 'The system cannot find the file specified. (os error 2)'],
    ['C:\\no-such\\folder.exe', 'The system cannot find the path specified. (os error 3)'],
  ] as const;
  for (const [program, message] of words) await t.rejects(spawnOnConsole(call([program]), size), { message });
});
