/** What an operator meets when the daemon cannot start as asked, or starts in an odd place. */
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { runToEnd, startChild } from '../fixtures/programs.js';

const program = path.join(packageRoot(), 'bin', 'codexd.cjs');
const asRoot = { skip: process.getuid?.() !== 0 && 'needs root' };

interface Place {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

function place(t: Test): Place {
  const root = fs.mkdtempSync('/var/tmp/codexd-start-');
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  const home = path.join(root, 'home');
  fs.mkdirSync(home);
  return { home, env: { ...process.env, HOME: root, CODEX_HOME: home } };
}

/** Resolves with what it has said so far once that matches. */
function says(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (pattern.test(text)) resolve(text);
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
}

const ended = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once('exit', resolve));

t.test('a unix socket listener prints its address, and a second daemon on it exits with 1', async (t) => {
  const { home, env } = place(t);
  const first = startChild(process.execPath, [program, 'app-server', '--listen', 'unix://'], {
    env,
    extendEnv: false,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.teardown(() => first.kill('SIGKILL'));
  const file = path.join(home, 'app-server-control', 'app-server-control.sock');
  t.equal(await says(first, /listening on.*\n/), `codex app-server (unix socket)\n  listening on: unix://${file}\n`);
  for (const before of [[], ['--listen', 'ws://127.0.0.1:0']]) {
    const args = [program, 'app-server', ...before, '--listen', 'unix://'];
    const second = runToEnd(process.execPath, args, { env, extendEnv: false, timeout: 60_000 });
    t.equal(second.exitCode, 1, `after ${before.join(' ') || 'nothing'}: it ends, whatever it has open`);
    t.match(second.stderr, `Error: app-server control socket is already in use at ${file}\n`);
  }
  const over = ended(first);
  first.kill('SIGTERM');
  t.equal(await over, 0);
});

/** Sends requests on standard input and collects the answers by id. */
async function ask(child: ChildProcess, requests: readonly object[]): Promise<Map<unknown, Record<string, unknown>>> {
  const answers = new Map<unknown, Record<string, unknown>>();
  const initialize = { id: 0, method: 'initialize', params: { clientInfo: { name: 'test', version: '1' } } };
  const all = [initialize, { method: 'initialized' }, ...requests.map((request, i) => ({ id: i + 1, ...request }))];
  child.stdin?.write(all.map((message) => `${JSON.stringify(message)}\n`).join(''));
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      const lines = (text += piece).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const message = JSON.parse(line) as Record<string, unknown>;
        if ('id' in message) answers.set(message['id'], message);
      }
      if (answers.size === requests.length + 1) resolve();
    });
  });
  child.stdin?.end();
  return answers;
}

const fullAccess = { type: 'dangerFullAccess' };

t.test(
  'in a folder that was removed the daemon starts, in the Codex home; other commands say what is wrong',
  async (t) => {
    const { home, env } = place(t);
    const gone = path.join(home, '..', 'gone');
    // The test runner has programs load its own modules first, which need a folder to be in: not these.
    const enter = `unset NODE_OPTIONS; mkdir ${gone}; cd ${gone}; rmdir ${gone}; exec "$@"`;
    const inGone = ['-c', enter, 'sh', process.execPath, program];
    const child = startChild('/bin/sh', [...inGone, 'app-server'], {
      env,
      extendEnv: false,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    const answers = await ask(child, [
      { method: 'thread/start', params: {} },
      { method: 'command/exec', params: { command: ['pwd'], sandboxPolicy: fullAccess } },
    ]);
    for (const [id, answer] of answers) t.notOk(answer['error'], `${String(id)}: ${JSON.stringify(answer['error'])}`);
    t.match(answers.get(1), { result: { cwd: home } });
    t.match(answers.get(2), { result: { exitCode: 0, stdout: `${home}\n` } });
    for (const command of [
      ['config', 'show'],
      ['sandbox', 'true'],
      ['exec', 'hi'],
    ]) {
      const run = runToEnd('/bin/sh', [...inGone, ...command], { env, extendEnv: false, timeout: 60_000, input: '' });
      t.equal(run.exitCode, 1);
      t.match(run.stderr, /^Error: the current folder does not exist any more: change to one that does(, or .*)?$/m);
    }
  },
);

t.test('the daemon answers requests in a folder that its user may not read', asRoot, async (t) => {
  const { home, env } = place(t);
  fs.chmodSync(path.dirname(home), 0o755);
  fs.chownSync(home, 4321, 4321);
  const closed = path.join(home, '..', 'closed');
  fs.mkdirSync(closed, { mode: 0o700 });
  const child = startChild(
    '/usr/bin/setpriv',
    ['--reuid=4321', '--regid=4321', '--clear-groups', process.execPath, program, 'app-server'],
    { env: { ...env, HOME: home }, extendEnv: false, cwd: closed, stdio: ['pipe', 'pipe', 'ignore'] },
  );
  t.teardown(() => child.kill('SIGKILL'));
  const answers = await ask(child, [
    { method: 'thread/start', params: {} },
    { method: 'command/exec', params: { command: ['pwd'], cwd: '/tmp', sandboxPolicy: fullAccess } },
    { method: 'config/read', params: {} },
    { method: 'skills/list', params: {} },
    { method: 'thread/list', params: {} },
    { method: 'command/exec', params: { command: ['pwd'], sandboxPolicy: fullAccess } },
  ]);
  for (const id of [1, 2, 3, 4, 5]) t.ok(answers.get(id)?.['result'], JSON.stringify(answers.get(id)));
  t.match(answers.get(6), { error: { message: 'failed to spawn command: Permission denied (os error 13)' } });
});

t.test('a read-only home gives an error of one sentence without a stack', asRoot, async (t) => {
  const { home, env } = place(t);
  const script = `mount -t tmpfs none ${home} && mount -o remount,ro ${home} && exec "$@"`;
  const args = ['-m', '/bin/sh', '-c', script, 'sh', process.execPath, program, 'app-server'];
  const child = startChild('/usr/bin/unshare', args, {
    env,
    extendEnv: false,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (said += piece));
  const answers = await ask(child, [
    { method: 'thread/start', params: {} },
    { method: 'command/exec', params: { command: ['pwd'] } },
  ]);
  const [start, run] = [1, 2].map((id) => (answers.get(id)?.['error'] as { message: string }).message);
  t.equal(start, `thread/start failed: the file system is read-only: mkdir ${home}/thread-writer-locks (EROFS)`);
  t.match(run, /the file system is read-only: mkdir .* \(EROFS\); nothing about the installation has to be changed/);
  t.notMatch(run, /only this user can write/);
  t.notMatch(said, /\n {4}at /);
});

t.test('SIGTERM to `npm start -- --listen …` ends the daemon and its parent processes', async (t) => {
  const { env } = place(t);
  const { scripts } = JSON.parse(fs.readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  // As npm starts it: a shell, to which the signal goes.
  const shell = startChild('/bin/sh', ['-c', `${scripts['start']} --listen ws://127.0.0.1:0`], {
    cwd: packageRoot(),
    env,
    extendEnv: false,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.teardown(() => shell.kill('SIGKILL'));
  const [, address = ''] = /readyz: (\S+)/.exec(await says(shell, /readyz: \S+\n/)) ?? [];
  t.equal((await fetch(address)).status, 200);
  const over = ended(shell);
  shell.kill('SIGTERM');
  await over;
  await t.rejects(fetch(address), 'nobody listens any more');
});
