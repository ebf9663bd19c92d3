/** Launcher and runner together, for real. */
import { once } from 'node:events';
import fs from 'node:fs';
import { buffer, text } from 'node:stream/consumers';
import t from 'tap';
import { processJobs } from '../../../../server/system/programs/process-jobs.js';
import { startChild } from '../../../fixtures/programs.js';
import { until } from '../../../fixtures/until.js';
import { onWindows } from '../../../fixtures/windows.js';
import { ENV, FAMILY, family, fixture, isAlive, launched, requestFor, runLaunched } from './fixtures/launched.js';

t.test(
  'the command gets the asked environment, arguments and folder, and its exit code has 32 bits',
  onWindows,
  async (t) => {
    const show = 'console.log(JSON.stringify([process.env, process.cwd(), process.argv.slice(1)]))';
    const argv = [process.execPath, '-e', show, '--', 'a "b" \\', ''];
    const { stdout, stderr, code } = await runLaunched(t, '', { request: { argv } });
    t.equal(code, 0, stderr);
    const [env, cwd, args] = JSON.parse(stdout) as [Record<string, string>, string, string[]];
    t.strictSame(args, ['a "b" \\', '']);
    t.equal(cwd, 'C:\\work');
    // Wine has some of its own in every process.
    const names = Object.keys(env).filter((name) => !/^WINE|^SystemDrive$|^PROCESSOR_ARCHITECTURE$/.test(name));
    t.strictSame(names.sort(), Object.keys(ENV).sort(), 'nothing of the launcher is in it');
    for (const wanted of [7, 255, -1, -1073741819]) {
      const ended = await runLaunched(t, `process.exit(${wanted})`);
      t.equal((ended.code ?? 0) | 0, wanted, ended.stderr);
    }
  },
);

t.test('much output arrives whole, on both streams, and stdin reaches the command', onWindows, async (t) => {
  const bytes = 4 * 1024 * 1024;
  const { child, ended } = launched(
    t,
    `process.stdin.on('data', (data) => process.stderr.write(data));
     process.stdout.write(Buffer.alloc(${bytes}, 'x'));`,
  );
  const input = 'one\n'.repeat(10_000);
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([buffer(child.stdout), text(child.stderr)]);
  t.equal(await ended, 0);
  t.equal(stdout.length, bytes);
  t.equal(stderr, input);
});

t.test('the end of the job ends the runner, the command and what it detached', onWindows, async (t) => {
  const job = (await processJobs()).create();
  const { child, ended, written } = launched(t, FAMILY, { job: job.name });
  job.add(child.pid!);
  const pids = await family(child);
  t.equal(pids.filter(isAlive).length, 3, 'all run');
  t.equal(fs.existsSync(written.path), false, 'the request is gone before the command runs');
  job.kill();
  await ended;
  await until(() => !pids.some(isAlive), 'all have ended');
  job.close();
});

t.test('all end with the launcher, however it ends', onWindows, async (t) => {
  const { child, ended } = launched(t, FAMILY);
  const pids = await family(child);
  child.kill('SIGKILL');
  await ended;
  await until(() => !pids.some(isAlive), 'all have ended');
});

t.test('a runner that is killed is reported, and takes the command with it', onWindows, async (t) => {
  const { child, ended } = launched(t, FAMILY);
  const said = text(child.stderr);
  const pids = await family(child);
  process.kill(pids[0], 'SIGKILL');
  t.equal(await ended, 126);
  t.match(await said, /the runner of the command was ended by another program/);
  await until(() => !pids.some(isAlive), 'all have ended');
});

t.test('all end with the daemon, also if it is killed', onWindows, async (t) => {
  const daemon = startChild(process.execPath, [fixture('doomed-daemon')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = daemon.stdout.setEncoding('utf8');
  const [job] = (await once(lines, 'data')) as [string];
  const written = requestFor(t, FAMILY, { job: job.trim() });
  daemon.stdin.write(`${written.path}\n`);
  const [line] = (await once(lines, 'data')) as [string];
  const pids = JSON.parse(line) as number[];
  t.equal(pids.filter(isAlive).length, 3, 'all run');
  daemon.kill('SIGKILL');
  await until(() => !pids.some(isAlive), 'all have ended');
});
