/** The launcher is a program here that reports what it gets. */
import path from 'node:path';
import t from 'tap';
import { spawnForConsole } from '../../../server/exec/process/process-own-console.js';
import { packageRoot } from '../../../server/package/package-root.js';
import { until } from '../../fixtures/until.js';

const FRAMES = path.join(packageRoot(), 'build', 'server', 'sandbox', 'windows', 'run', 'control-frames.js');
const LAUNCHER = `
  import net from 'node:net';
  import { pathToFileURL } from 'node:url';
  const { readFrames } = await import(pathToFileURL(${JSON.stringify(FRAMES)}).href);
  const sizes = new net.Socket({ fd: 3, readable: true, writable: false });
  readFrames(sizes, (value) => console.log(JSON.stringify(value)));
  process.stdin.on('data', (data) => {
    console.log('got ' + JSON.stringify(String(data)));
    if (String(data).includes('\\x1a')) process.exit(7);
  });
  process.stderr.write('a word of the launcher\\n');
  console.log('ready');`;

t.test('its streams are one output and one input, and it gets new sizes', async (t) => {
  const started: number[] = [];
  const child = await spawnForConsole({
    file: process.execPath,
    args: ['--input-type=module', '-e', LAUNCHER],
    cwd: process.cwd(),
    env: process.env as Record<string, string>,
    onStart: ({ pid }) => void started.push(pid),
  });
  t.strictSame(started, [child.pid]);
  t.equal(child.stderr, null);
  let shown = '';
  child.stdout.read((piece) => void (shown += piece.toString()));
  await until(
    () => /ready/.test(shown) && /a word of the launcher/.test(shown),
    () => shown,
  );
  child.resize?.({ rows: 10, cols: 40 });
  await until(
    () => shown.includes('{"kind":"resize","size":{"rows":10,"cols":40}}'),
    () => shown,
  );
  await child.stdin?.write(Buffer.from('hello\r'));
  await until(
    () => shown.includes('got "hello'),
    () => shown,
  );
  child.stdin?.end();
  t.match(await child.exited, { code: 7 });
  await child.stdout.ended;
  t.match(shown, /\\u001a/, 'the end of the input is typed');
  child.resize?.({ rows: 1, cols: 1 }); // Nobody is there any more.
});

t.test('a program that is not there is an error of the start', async (t) => {
  const call = { file: path.join(t.testdir(), 'none'), args: [], cwd: process.cwd(), env: {} };
  await t.rejects(spawnForConsole(call), { message: /os error 2/ });
});
