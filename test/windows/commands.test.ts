/** Commands of clients on Windows, with the built daemon. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.js';
import { until } from '../fixtures/until.js';
import { onWindows } from '../fixtures/windows.js';
import type { Client } from '../../clients/typescript/index.js';

interface Place {
  readonly daemon: TestDaemon;
  readonly client: Client;
}

async function start(t: Test): Promise<Place> {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  return { daemon, client: await daemon.connect() };
}

interface Options {
  readonly cwd?: string;
  readonly env?: Record<string, string | null>;
  readonly timeoutMs?: number;
}
const exec = ({ client }: Place, command: string[], options: Options = {}) =>
  client.request('command/exec', { command, sandboxPolicy: { type: 'dangerFullAccess' }, ...options });

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** A program that starts a detached one, writes both process ids into `file`, and waits. */
const family = (file: string): string[] => [
  process.execPath,
  '-e',
  `const { spawn } = require('node:child_process');
   const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
   child.unref();
   require('node:fs').writeFileSync(${JSON.stringify(file)}, JSON.stringify([process.pid, child.pid]));
   setInterval(() => {}, 1000);`,
];

async function pidsIn(file: string): Promise<number[]> {
  await until(() => fs.existsSync(file) && fs.readFileSync(file, 'utf8').endsWith(']'), 'the family runs');
  return JSON.parse(fs.readFileSync(file, 'utf8')) as number[];
}

t.test('exit codes have 32 bits with a sign', onWindows, async (t) => {
  const place = await start(t);
  for (const [code, reported] of [
    ['0', 0],
    ['7', 7],
    ['-1', -1],
    ['-1073741819', -1073741819],
  ] as const) {
    t.equal((await exec(place, ['cmd.exe', '/d', '/c', `exit ${code}`])).exitCode, reported);
  }
});

t.test(
  'a program is found by name with the extensions of PATHEXT, and a batch file gets its arguments',
  onWindows,
  async (t) => {
    const place = await start(t);
    const tools = path.join(place.daemon.work, 'my tools');
    fs.mkdirSync(tools);
    fs.writeFileSync(path.join(tools, 'show.js'), 'console.log(JSON.stringify(process.argv.slice(2)))');
    fs.writeFileSync(path.join(tools, 'show.cmd'), `@"${process.execPath}" "%~dp0show.js" %*\r\n`);
    const env = { PATH: `${tools};C:\\windows\\system32`, SECRET_WORD: 'leaked' };
    const shown = async (...args: string[]): Promise<unknown> =>
      JSON.parse((await exec(place, ['show', ...args], { env })).stdout);
    for (const args of [
      ['a b', 'c'],
      ['a&echo injected', '^<>|!x!', '(x)'],
      ['', 'a\\', 'b\\ c\\'],
    ])
      t.strictSame(await shown(...args), args);
    t.strictSame(JSON.parse((await exec(place, [path.join(tools, 'SHOW.CMD'), 'x'])).stdout), ['x']);
    await t.rejects(exec(place, ['show', 'a\nb'], { env }), /batch file/, 'what cannot be written is refused');
    fs.copyFileSync('C:\\windows\\system32\\hostname.exe', path.join(place.daemon.work, 'only-here.exe'));
    await t.rejects(exec(place, ['only-here']), 'the working folder is not searched');
  },
);

t.test('a command that cannot start says why with the numbers of Windows', onWindows, async (t) => {
  const place = await start(t);
  await t.rejects(exec(place, ['no-such-program']), /program not found/);
  await t.rejects(exec(place, ['C:\\no-such.exe']), /The system cannot find the file specified\. \(os error 2\)/);
  await t.rejects(exec(place, ['C:\\no\\such.exe']), /The system cannot find the path specified\. \(os error 3\)/);
  await t.rejects(
    exec(place, ['cmd.exe'], { cwd: 'C:\\no\\folder' }),
    /The directory name is invalid\. \(os error 267\)/,
  );
});

t.test('variables are the same in every spelling', onWindows, async (t) => {
  const place = await start(t);
  const print = (name: string): string[] => ['cmd.exe', '/d', '/c', `echo [%${name}%]`];
  const env = { codexd_test: 'new', CODEXD_TEST: 'newer' };
  t.match((await exec(place, print('Codexd_Test'), { env })).stdout, /^\[newer\]/);
});

t.test('a command ends with all that it started, at its timeout and when it is terminated', onWindows, async (t) => {
  const place = await start(t);
  const file = path.join(place.daemon.work, 'pids');
  const started = exec(place, family(file), { timeoutMs: 8000 });
  const pids = await pidsIn(file);
  t.equal(pids.filter(isAlive).length, 2, 'both run');
  t.equal((await started).exitCode, 124);
  await until(() => !pids.some(isAlive), 'both have ended');
});

t.test('commands end with the daemon, also when it is killed', onWindows, async (t) => {
  const place = await start(t);
  const file = path.join(place.daemon.work, 'pids');
  void exec(place, family(file)).catch(() => undefined);
  const pids = await pidsIn(file);
  t.equal(pids.filter(isAlive).length, 2, 'both run');
  place.daemon.process.kill('SIGKILL');
  await until(() => !pids.some(isAlive), 'both have ended');
});
