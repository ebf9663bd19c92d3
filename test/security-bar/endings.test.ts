/**
 * Security bar, cases 67 to 74: commands end completely. Real commands of a real daemon are ended at random moments of
 * their start, in every way. `npm run kill-commands` does the same with any number of commands.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { startDaemon } from '../fixtures/daemon.js';
import { killCommands, type Ending } from './endings/kill-commands.js';
import { killLeft, leftovers, leftoversAfter } from './endings/leftovers.js';
import { elapse, until } from '../fixtures/until.js';
import { startChild } from '../fixtures/programs.js';

if (process.platform !== 'linux') t.bailout('processes are looked for in /proc');

t.setTimeout(300_000);

const CASES: readonly (readonly [number: number, ending: Ending, rounds: number, title: string])[] = [
  [67, 'timeout', 6, 'when a timeout is answered, no process of the command lives'],
  [68, 'terminate', 6, 'when a terminated command is answered, no process of it lives'],
  [69, 'denial', 2, 'when a network denial is answered, no process of the command lives'],
  [70, 'disconnect', 6, 'commands end with their connection, also in the middle of their start'],
  [71, 'daemon stopped', 6, 'a daemon that has stopped leaves no process of a command'],
  [72, 'daemon killed', 6, 'a daemon that was killed leaves no process of a command, sandboxed or not'],
];

for (const [number, ending, rounds, title] of CASES) {
  t.test(`case ${number}: ${title}`, async (t) => {
    const { commands, left } = await killCommands({ ending, rounds, windowMs: 20 });
    t.ok(commands >= 2 * rounds);
    t.same(left, []);
  });
}

t.test('case 73: background processes of a sandboxed command write nothing after its answer', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const file = path.join(daemon.work, 'written');
  // It has neither the mark, nor the session, nor the parent.
  const writer = `while :; do echo x >> ${file}; done`;
  for (let round = 0; round < 8; round++) {
    await client.request('command/exec', {
      command: [
        'sh',
        '-c',
        `env -i setsid sh -c '${writer}' </dev/null >/dev/null 2>&1 & until test -s ${file}; do :; done`,
      ],
      cwd: daemon.work,
      sandboxPolicy: { type: 'workspaceWrite', writableRoots: [daemon.work] },
    });
    const { size } = fs.statSync(file);
    await elapse(100, 'a writer that lives would have written more');
    t.equal(fs.statSync(file).size, size);
    fs.rmSync(file);
  }
});

t.test('case 74: a killed guard is replaced by another one, which ends the commands of a killed daemon', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const marker = String(70_000 + Math.floor(Math.random() * 9e6));
  const command = ['sh', '-c', `setsid sleep ${marker} & sleep ${marker}`];
  await client.request('process/spawn', { command, processHandle: 'p', cwd: '/', timeoutMs: null });
  t.teardown(() => killLeft(leftovers(marker)));
  await elapse(200, 'a guard that has just begun is not replaced at once');
  const [guard = 0] = guardsOf(daemon.process.pid);
  process.kill(guard, 'SIGKILL');
  await until(() => guardsOf(daemon.process.pid).some((pid) => pid !== guard), 'another guard');
  await until(() => daemon.stderr().includes('the guard'), 'the line of the log');
  t.match(daemon.stderr(), /ERROR.*the guard that ends commands when the daemon is killed has ended: SIGKILL/);
  t.ok(leftovers(marker).length >= 2, 'the commands still run');
  daemon.process.kill('SIGKILL');
  await once(daemon.process, 'exit');
  t.same(await leftoversAfter(marker, 10_000), []);
});

/** Ids of the guards that the daemon has started. */
function guardsOf(daemonPid: number | undefined): number[] {
  return leftovers('codexd-orphan-guard')
    .map((line) => parseInt(line, 10))
    .filter((pid) => statOf(pid)[1] === String(daemonPid));
}

/** Fields 3 and following of /proc/PID/stat. */
function statOf(pid: number | string): string[] {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return []; // Gone.
  }
}

const root = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];

t.test('as process 1 of a container, codexd leaves no zombie, passes signals on and ends as usual', async (t) => {
  const home = fs.mkdtempSync('/var/tmp/codexd-test-');
  t.teardown(() => fs.rmSync(home, { recursive: true, force: true }));
  const codexd = path.join(packageRoot(), 'bin', 'codexd.cjs');
  const child = startChild(
    'unshare',
    [...root, '--pid', '--fork', '--kill-child', '--mount-proc', process.execPath, codexd, 'app-server'],
    { cwd: home, env: { HOME: home, CODEX_HOME: home }, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  t.teardown(() => child.kill('SIGKILL'));
  const answers: { id: number; result: { stdout: string } }[] = [];
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    const lines = (text + piece).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) answers.push(JSON.parse(line) as (typeof answers)[0]);
  });
  const ask = async (id: number, method: string, params: object): Promise<string> => {
    child.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    const found = (): (typeof answers)[number] | undefined => answers.find((one) => one.id === id);
    await until(() => found() !== undefined, `the answer to ${method}`);
    return found()?.result.stdout ?? '';
  };
  const run = (id: number, script: string, type: string, timeoutMs: number): Promise<string> =>
    ask(id, 'command/exec', { command: ['sh', '-c', script], cwd: '/', sandboxPolicy: { type }, timeoutMs });
  await ask(0, 'initialize', { clientInfo: { name: 'test', version: '1' } });
  child.stdin.write('{"method":"initialized"}\n');
  const orphan = 'setsid sleep 77 >/dev/null 2>&1 &';
  for (let id = 1; id <= 24; id += 3) {
    t.equal(await run(id, 'echo seen', 'readOnly', 20_000), 'seen\n');
    await run(id + 1, `${orphan} :`, 'dangerFullAccess', 20_000);
    await run(id + 2, `${orphan} sleep 77`, id % 2 ? 'dangerFullAccess' : 'readOnly', 5 + id);
  }
  await elapse(100, 'ended processes are reaped');
  const states = `for s in /proc/[0-9]*/stat; do read -r line < $s && echo "$line"; done`;
  const table = (await run(90, states, 'dangerFullAccess', 20_000)).trim().split('\n');
  t.ok(table.length >= 3, 'process 1, the reaper and codexd');
  t.same(
    table.filter((line) => line.slice(line.lastIndexOf(')')).startsWith(') Z')),
    [],
  );
  const gone = once(child, 'exit');
  // Process 1 of the namespace, seen from here.
  const [first] = fs.readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'latin1').trim().split(' ');
  process.kill(Number(first), 'SIGTERM');
  t.equal((await gone)[0], 0);
});
