/** Ctrl-C on a console of Windows. Wine delivers no Ctrl-Break: test/rpc/console-endings.test.ts has it as data. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { modelConfig } from '../fixtures/model-config.js';
import { event, startModelServer } from '../fixtures/model-server.js';
import { startChild } from '../fixtures/programs.js';
import { until } from '../fixtures/until.js';
import { onWindows } from '../fixtures/windows.js';
import { fixture, OPEN_RUNNER, requestFor } from '../sandbox/windows/run/fixtures/launched.js';

const CODEXD = path.join(packageRoot(), 'bin', 'codexd.cjs');
/** Ends with a code of its own at Ctrl-C. */
const TAKES_KEYS = `process.on('SIGINT', () => { console.log('got it'); process.exit(5); });
  setInterval(() => {}, 1000);
  console.log('ready');`;

/** Starts Node on a console of its own. */
function onOwnConsole(t: Test, args: readonly string[], env: Record<string, string> = {}) {
  const keys = path.join(packageRoot(), 'build', 'test', 'fixtures', 'console-keys.js');
  const child = startChild(process.execPath, [keys, process.execPath, ...args], {
    cwd: 'C:\\work',
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let shown = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (shown += text));
  return {
    press: (key: string) => child.stdin.write(`${key}\n`),
    shown: (word: RegExp) =>
      until(
        () => word.test(shown),
        () => shown,
        120_000,
      ),
    ended: child.then(({ exitCode }) => ({ exitCode, shown })),
  };
}

function home(t: Test, config = ''): string {
  const folder = fs.mkdtempSync('C:\\work\\interrupts-');
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  fs.writeFileSync(path.join(folder, 'config.toml'), config);
  return folder;
}

t.test('Ctrl-C ends a listening daemon in order', onWindows, async (t) => {
  const run = onOwnConsole(t, [CODEXD, 'app-server', '--listen', 'ws://127.0.0.1:0'], { CODEX_HOME: home(t) });
  await run.shown(/listening on/);
  run.press('ctrl-c');
  const { exitCode, shown } = await run.ended;
  t.equal(exitCode, 0, shown);
});

t.test('the end of its input ends a daemon on stdio', onWindows, async (t) => {
  const run = onOwnConsole(t, [CODEXD, 'app-server'], { CODEX_HOME: home(t) });
  run.press('end of input');
  t.equal((await run.ended).exitCode, 0);
});

t.test('`codexd sandbox` leaves Ctrl-C to its command', onWindows, async (t) => {
  const run = onOwnConsole(
    t,
    [CODEXD, 'sandbox', '-c', 'sandbox_mode="danger-full-access"', '--', process.execPath, '-e', TAKES_KEYS],
    { CODEX_HOME: home(t) },
  );
  await run.shown(/ready/);
  run.press('ctrl-c');
  const { exitCode, shown } = await run.ended;
  t.match(shown, 'got it');
  t.equal(exitCode, 5);
});

t.test('a sandboxed command gets Ctrl-C, though its runner has another console', onWindows, async (t) => {
  const request = requestFor(t, TAKES_KEYS);
  const run = onOwnConsole(t, [fixture('open-launcher'), ...OPEN_RUNNER, request.path]);
  await run.shown(/ready/);
  run.press('ctrl-c');
  const { exitCode, shown } = await run.ended;
  t.match(shown, 'got it');
  t.equal(exitCode, 5);
});

t.test('`codexd exec` interrupts its turn, and ends with 130', onWindows, async (t) => {
  const model = await startModelServer();
  t.teardown(() => model.close());
  model.push({ events: [event.created()], hang: true });
  const run = onOwnConsole(t, [CODEXD, 'exec', '--skip-git-repo-check', 'go'], {
    CODEX_HOME: home(t, modelConfig(model.url)),
  });
  run.press('end of input');
  await until(() => model.requests.length > 0, 'the turn runs', 120_000);
  run.press('ctrl-c');
  const { exitCode, shown } = await run.ended;
  t.equal(exitCode, 130, shown);
});
