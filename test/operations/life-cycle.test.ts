import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { connectUnixSocket, connectWebSocket } from '../../clients/typescript/index.js';
import { packageRoot } from '../../server/package/package-root.js';
import { parseMetrics } from './prometheus.js';
import { startChild } from '../fixtures/programs.js';

t.setTimeout(120_000);

interface Line {
  readonly level: string;
  readonly target: string;
  readonly timestamp: string;
  readonly fields: Readonly<Record<string, unknown>> & { readonly message: string };
}

const CASSETTE = [
  { codexd_cassette: 1 },
  {
    events: [
      {
        type: 'item',
        item: {
          type: 'function_call',
          id: 'f1',
          call_id: 'c1',
          name: 'exec_command',
          arguments: JSON.stringify({ cmd: 'echo word-of-the-model' }),
        },
      },
      {
        type: 'completed',
        responseId: 'r1',
        usage: {
          inputTokens: 10,
          cachedInputTokens: 4,
          cacheWriteInputTokens: 0,
          outputTokens: 5,
          reasoningOutputTokens: 2,
          totalTokens: 15,
        },
      },
    ],
  },
  {
    events: [
      {
        type: 'item',
        item: { type: 'message', role: 'assistant', id: 'm1', content: [{ type: 'output_text', text: 'word-said' }] },
      },
      { type: 'completed', responseId: 'r2', usage: null },
    ],
  },
];

/** A daemon on a WebSocket with a token and on a unix socket, and every line that it writes. */
async function start(t: Test, args: readonly string[]) {
  // The path of a socket has to be short.
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-life-')));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  for (const folder of ['home', 'work']) fs.mkdirSync(path.join(root, folder));
  fs.writeFileSync(path.join(root, 'token'), 'first-token\n');
  const cassette = path.join(root, 'tape.jsonl');
  fs.writeFileSync(cassette, CASSETTE.map((line) => `${JSON.stringify(line)}\n`).join(''));
  fs.writeFileSync(
    path.join(root, 'home', 'config.toml'),
    `model_provider = "tape"\nsandbox_mode = "danger-full-access"\n[model_providers.tape]\nname = "Tape"\nwire_api = "replay"\ncassette = ${JSON.stringify(cassette)}\n`,
  );
  const token = path.join(root, 'token');
  const socket = path.join(root, 's.sock');
  const listen = ['--listen', `unix://${socket}`, '--listen', 'ws://127.0.0.1:0'];
  const auth = ['--ws-auth', 'capability-token', '--ws-token-file', token];
  const program = path.join(packageRoot(), 'bin', 'codexd.cjs');
  const daemon = startChild(process.execPath, [program, 'app-server', ...listen, ...auth, ...args], {
    cwd: path.join(root, 'work'),
    env: { PATH: process.env.PATH, HOME: root, CODEX_HOME: path.join(root, 'home') },
    extendEnv: false,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.teardown(() => daemon.kill('SIGKILL'));
  let text = '';
  daemon.stderr.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const lines = (): Line[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  /** The first line that fits, once it is there. */
  const line = async (message: string, fields: Readonly<Record<string, unknown>> = {}): Promise<Line> => {
    for (;;) {
      const found = lines().find(
        (line) =>
          line.fields.message === message && Object.entries(fields).every(([key, value]) => line.fields[key] === value),
      );
      if (found) return found;
      if (daemon.exitCode !== null) throw new Error(`the daemon ended before it said ${message}: ${text}`);
      await Promise.race([once(daemon.stderr, 'data'), once(daemon, 'exit')]);
    }
  };
  const ws = async (): Promise<string> => {
    await line('listening', { url: `unix://${socket}` });
    for (;;) {
      const found = lines().find(({ fields }) => String(fields.url).startsWith('ws://'));
      if (found) return String(found.fields.url);
      await once(daemon.stderr, 'data');
    }
  };
  return { daemon, socket, token, lines, line, text: () => text, ws: await ws(), work: path.join(root, 'work') };
}

interface Page {
  readonly status: number;
  readonly body: string;
}
const page = (where: http.RequestOptions): Promise<Page> =>
  new Promise((resolve, reject) => {
    const request = http.request({ agent: false, ...where }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (piece: string) => (body += piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on('error', reject).end();
  });

t.test('a daemon logs its events in JSON, from the first line to the last, without secrets', async (t) => {
  const { daemon, socket, token, lines, line, text, ws, work } = await start(t, [
    ...['--log-level', 'info', '--log-format', 'json'],
  ]);
  const { hostname: host, port } = new URL(ws.replace('ws:', 'http:'));
  const at = { host, port, path: '/metrics' };
  const metrics = async () => {
    const { status, body } = await page({ socketPath: socket, path: '/metrics' });
    t.equal(status, 200);
    return parseMetrics(body);
  };
  const value = (families: Awaited<ReturnType<typeof metrics>>, name: string, labels = ''): number | undefined =>
    families.get(name)?.samples.get(labels);

  t.match(lines()[0], { level: 'INFO', fields: { message: 'starting', pid: daemon.pid } });
  t.match(lines()[0]?.fields, { version: /^\d/, node: process.version, home: /home$/ });

  const client = await connectUnixSocket(socket, { clientInfo: { name: 'probe', version: '7' }, reconnect: false });
  const { connection } = (await line('client initialized', { client: 'probe', version: '7' })).fields;
  const ended = new Promise<void>((resolve) =>
    client.onEveryNotification((method) => void (method === 'turn/completed' && resolve())),
  );
  const { thread } = await client.request('thread/start', { cwd: work });
  const { turn } = await client.request('turn/start', {
    threadId: thread.id,
    input: [{ type: 'text', text: 'word-of-mine' }],
  });
  await ended;
  await line('thread started', { thread: thread.id });
  const mine = { thread: thread.id, turn: turn.id };
  await line('turn started', mine);
  const { program, command } = (await line('command started', mine)).fields;
  t.match(program, /sh$/);
  t.match((await line('command ended', { ...mine, command })).fields, { cause: 'exit', exit: 0, ms: Number });
  t.match((await line('turn ended', mine)).fields, { status: 'completed', tokens: 15, ms: Number });

  await client.request('command/exec', { command: ['sh', '-c', 'exit 3', 'word-of-the-client'] });
  await line('command ended', { connection, cause: 'exit', exit: 3 });

  t.equal((await page({ ...at, headers: { authorization: 'Bearer wrong-token' } })).status, 401);
  t.equal((await page({ ...at, headers: { origin: 'http://page.example' } })).status, 403);
  await t.rejects(connectWebSocket(ws, { token: 'wrong-token', reconnect: false }));
  t.match((await line('connection refused', { reason: 'credential' })).level, 'WARN');
  await line('connection refused', { reason: 'origin' });

  fs.writeFileSync(token, 'second-token\n');
  daemon.kill('SIGHUP');
  await line('reading credentials again');
  while ((await page({ ...at, headers: { authorization: 'Bearer second-token' } })).status !== 200);
  t.equal(
    (await page({ ...at, headers: { authorization: 'Bearer first-token' } })).status,
    401,
    'the old one is no more',
  );
  fs.writeFileSync(token, '\n');
  daemon.kill('SIGHUP');
  for (;;) {
    const said = lines().find(({ level }) => level === 'ERROR');
    if (said) {
      t.match(said.fields.message, /what was read before goes on to hold: .*must not be empty/);
      break;
    }
    await once(daemon.stderr, 'data');
  }
  t.equal((await page({ ...at, headers: { authorization: 'Bearer second-token' } })).status, 200);

  const found = await metrics();
  t.equal(value(found, 'codexd_turns_total', 'status="completed"'), 1);
  t.equal(value(found, 'codexd_turns_running'), 0);
  t.equal(value(found, 'codexd_tokens_total', 'kind="input"'), 10);
  t.equal(value(found, 'codexd_tokens_total', 'kind="reasoning_output"'), 2);
  t.equal(value(found, 'codexd_model_requests_total'), 2);
  t.equal(value(found, 'codexd_threads_loaded'), 1);
  t.equal(value(found, 'codexd_approvals_open', 'owner="thread"'), 0);
  t.equal(value(found, 'codexd_connections_refused_total', 'reason="origin"'), 1);
  t.ok((value(found, 'codexd_connections_refused_total', 'reason="credential"') ?? 0) >= 2);
  t.equal(value(found, 'codexd_commands_started_total'), 2);
  const wide = ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_open_fds', 'process_max_fds'];
  for (const name of [...wide, 'process_start_time_seconds']) t.ok((value(found, name) ?? 0) > 0, name);
  t.ok((value(found, 'nodejs_eventloop_lag_seconds') ?? -1) >= 0);
  // A turn beyond the cassette fails.
  const failed = new Promise<void>((resolve) =>
    client.onEveryNotification((method) => void (method === 'turn/completed' && resolve())),
  );
  await client.request('turn/start', {
    threadId: thread.id,
    input: [{ type: 'text', text: 'again' }],
  });
  await failed;
  const later = await metrics();
  t.equal(value(later, 'codexd_turns_total', 'status="failed"'), 1);
  const errors = [...(later.get('codexd_model_errors_total')?.samples.values() ?? [])];
  t.equal(
    errors.reduce((sum, count) => sum + count, 0),
    1,
  );
  t.equal((await page({ socketPath: socket, path: '/healthz' })).status, 200);
  t.equal((await page({ socketPath: socket, path: '/readyz' })).status, 200);

  await client.close();
  await line('client left', { connection, client: 'probe' });
  daemon.kill('SIGTERM');
  await once(daemon, 'exit');
  t.match(
    lines()
      .slice(-3)
      .map(({ fields }) => fields.message),
    ['ending', 'thread unloaded', 'ended'],
  );
  t.notMatch(text(), /word-|wrong-token|first-token|second-token|exit 3/, 'no argument, no text, no credential');
});

t.test('a failed start is JSON, too, and ends with 1', async (t) => {
  const program = path.join(packageRoot(), 'bin', 'codexd.cjs');
  const args = ['app-server', '--listen', 'ws://192.0.2.1:0', '--log-format', 'json'];
  const daemon = startChild(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH, CODEX_HOME: t.testdir() },
    extendEnv: false,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  daemon.stderr.on('data', (piece) => (text += String(piece)));
  const [code] = (await once(daemon, 'close')) as [number];
  t.equal(code, 1);
  t.match(JSON.parse(text), { level: 'ERROR', fields: { message: /^codexd cannot start: refusing to start/ } });
});
