import t from 'tap';
import type { ChildProcess } from 'node:child_process';
import { execaSync } from 'execa';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectUnixSocket, connectWebSocket, OPERATOR_CAPABILITY } from '../../clients/typescript/index.js';
import { packageRoot } from '../../server/package/package-root.js';
import { startChild } from '../fixtures/programs.js';

const home = mkdtempSync(path.join(tmpdir(), 'codexd-demo-test-'));
t.teardown(() => rmSync(home, { recursive: true }));

interface Demo {
  readonly process: ChildProcess;
  text(): string;
  /** Resolves with the match when the pattern is in the output. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  readonly exit: Promise<{ code: number | null; signal: string | null }>;
}

function start(env: NodeJS.ProcessEnv): Demo {
  const child = startChild(process.execPath, [path.join(packageRoot(), 'dist', 'demo.cjs')], {
    env: { CODEX_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (s: string) => (text += s));
  const exit = once(child, 'close').then(([code, signal]) => ({ code: code as number, signal: signal as string }));
  return {
    process: child,
    text: () => text,
    exit,
    says: async (pattern) => {
      for (;;) {
        const found = pattern.exec(text);
        if (found) return found;
        const ended = await Promise.race([exit, once(child.stdout, 'data').then(() => null)]);
        if (ended) throw new Error(`the demonstration ended (${ended.code}) without ${pattern}:\n${text}`);
      }
    },
  };
}

/** Whether a process lives. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The daemons that a demonstration started: its children, from /proc. */
async function children(pid: number): Promise<number[]> {
  const { readFile } = await import('node:fs/promises');
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = await Promise.all(
    pids.map(async (name) => {
      const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
      return [Number(name), Number(/\) \S (\d+)/.exec(stat)?.[1])] as const;
    }),
  );
  return parents.filter(([, parent]) => parent === pid).map(([child]) => child);
}

t.test('the demo runs to its end without a terminal', async (t) => {
  const demo = start({ CODEXD_START_ONCE: '1' });
  t.strictSame(await demo.exit, { code: 0, signal: null }, demo.text());
  t.match(demo.text(), /Read-only file system/, 'act one');
  t.match(demo.text(), /HTTP 200: hello from the allowed host, you asked for \/greeting/, 'act two');
  t.match(demo.text(), /denial: +\{"host":"denied\.example","port":80/, 'act three: the denial');
  t.match(demo.text(), /you asked for \/3\n.*finished/, 'act three: the neighbour');
  t.match(demo.text(), /asked: +may this command reach localhost\?/, 'act four: the prompt');
  t.match(demo.text(), /-The meeting is at four\.\n +\+The meeting is at five\./, 'act four: the file');
  t.notMatch(demo.text(), /The daemon is running/);
});

for (const decision of ['accept', 'decline'] as const) {
  t.test(`the question of the demo waits for a person in the console: ${decision}`, async (t) => {
    const demo = start({ CODEXD_START_ONCE: '1' });
    const [, url = ''] = await demo.says(/listens on\s+(ws:\S+)/);
    await demo.says(/^ +http:\/\/127\.0\.0\.1:\d+\/#\S{43}$/m);
    const page = await connectWebSocket(url, {
      clientInfo: { name: 'codexd-console', title: null, version: '1' },
      capabilities: { experimentalApi: true, extensions: { [OPERATOR_CAPABILITY]: {} } },
      reconnect: false,
    });
    const opened = new Promise<string>((resolve) =>
      page.onNotification('operator/prompts/opened', ({ prompt }) => resolve(prompt.promptId)),
    );
    const promptId = await opened;
    await demo.says(/The command waits for you/);
    const { settled } = await page.request('operator/prompts/answer', { promptId, result: { decision } });
    t.equal(settled, true);
    t.strictSame(await demo.exit, { code: 0, signal: null }, demo.text());
    t.match(demo.text(), /answered: +in the console/);
    if (decision === 'accept') t.match(demo.text(), /HTTP 200: The meeting has moved to five/);
    else t.match(demo.text(), /You said no: the command was killed/);
    await page.close();
  });
}

t.test('a daemon stays after the demo and uses the person’s unchanged home', async (t) => {
  const demo = start({});
  const [, url = ''] = await demo.says(/^ +(ws:\/\/127\.0\.0\.1:\d+)$/m);
  await demo.says(/^ +http:\/\/127\.0\.0\.1:\d+\/#\S+\n\n.*conversation/m);
  const [, socket = ''] = await demo.says(/^ +unix:\/\/(\S+)$/m);
  const [, program = ''] = await demo.says(/^ +Zed, JetBrains.* CODEX_PATH=(\S+)$/m);
  await demo.says(/Stop the daemon with Ctrl-C/);
  t.match(
    execaSync(program, ['--version'], { stripFinalNewline: false }).stdout,
    /^codex-cli /,
    'what it says can be typed',
  );
  const daemons = await children(demo.process.pid ?? 0);
  t.equal(daemons.length, 1, 'the daemon of the show is gone');
  t.strictSame(
    readdirSync(home),
    ['tmp'],
    'nothing but the folder of the sandbox, which is tried before a listener is ready',
  );
  for (const connect of [() => connectWebSocket(url), () => connectUnixSocket(socket)]) {
    const client = await connect();
    t.equal(client.server.codexHome, home);
    const { stdout } = await client.request('command/exec', { command: ['echo', 'hello'] });
    t.equal(stdout, 'hello\n');
    await client.close();
  }
  demo.process.kill('SIGINT');
  t.strictSame(await demo.exit, { code: 0, signal: null }, demo.text());
  t.strictSame(daemons.filter(lives), [], 'nothing is left running');
  t.notOk(existsSync(socket));
});

t.test('an interruption of the demo ends everything with exit code 0', async (t) => {
  const demo = start({});
  await demo.says(/── 3\./);
  const daemons = await children(demo.process.pid ?? 0);
  demo.process.kill('SIGTERM');
  t.strictSame(await demo.exit, { code: 0, signal: null }, demo.text());
  t.strictSame(daemons.filter(lives), []);
});
