import t from 'tap';
import { connectStdio, type ClientState } from '../../../clients/typescript/index.js';
import { splitLines } from '../../../clients/typescript/lines.js';
import { failure } from './failure.js';
import { IDENTITY } from './scripted-server.js';

/**
 * A server over stdio: answers initialize, echoes params, and does what `onMessage` says first. It splits lines by
 * itself: for readline of Node 24 and later a line also ends at U+2028.
 */
const server = (onMessage = '', atEnd = '') => `
  const lines = new (require('node:events').EventEmitter)();
  let rest = '';
  process.stdin.setEncoding('utf8').on('end', () => lines.emit('close')).on('data', (text) => {
    const all = (rest + text).split('\\n');
    rest = all.pop();
    for (const line of all) lines.emit('line', line);
  });
  const send = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
  lines.on('line', (line) => {
    const m = JSON.parse(line);
    ${onMessage}
    if (m.id !== undefined) send({ id: m.id, result: m.method === 'initialize' ? ${JSON.stringify(IDENTITY)} : m.params });
  });
  lines.on('close', () => { ${atEnd} });
`;
const start = (source: string, options: Partial<Parameters<typeof connectStdio>[0]> = {}) =>
  connectStdio({ command: process.execPath, args: ['-e', source], ...options });

t.test('requests and responses keep any text', async (t) => {
  const client = await start(server());
  t.teardown(() => client.close());
  for (const text of ['line\nbreak', 'separator\u2028here', 'ünïcödé 🙂', '\r', 'x'.repeat(3_000_000)]) {
    t.strictSame(await client.request('command/exec', { command: [text] }), { command: [text] });
  }
});

t.test('the server gets the environment and the working directory of the options', async (t) => {
  const client = await start(server('if (m.method === "command/exec") m.params = [process.env.MARK, process.cwd()];'), {
    env: { MARK: 'x' },
    cwd: '/',
  });
  t.teardown(() => client.close());
  t.strictSame(await client.request('command/exec', { command: ['x'] }), ['x', '/']);
});

t.test('close ends a server through the end of its stdin', async (t) => {
  let log = '';
  const client = await start(server('', 'console.error("saved"); process.exitCode = 0;'), {
    onStderr: (s) => (log += s),
  });
  await client.close();
  t.match(log, /saved/);
});

t.test('close ends a server that ignores the end of its stdin and SIGTERM', async (t) => {
  const pid = 'm.params = process.pid;';
  for (const stubborn of ['', "process.on('SIGTERM', () => {});"]) {
    const client = await start(server(pid) + `setInterval(() => {}, 1000);${stubborn}`, { closeTimeoutMs: 50 });
    const child = (await client.request('command/exec', { command: ['x'] })) as unknown as number;
    await client.close();
    t.throws(() => process.kill(child, 0), { code: 'ESRCH' });
  }
});

t.test('a server that ends unexpectedly closes the client, and the error contains the last log lines', async (t) => {
  const states: ClientState[] = [];
  const client = await start(
    server("if (m.method === 'command/exec') { console.error('out of ideas'); process.exit(3); }"),
    {
      onState: (state) => states.push(state),
    },
  );
  t.match(await failure(client.request('command/exec', { command: ['x'] })), {
    kind: 'lost',
    message: /ended \(exit code 3\): out of ideas/,
  });
  t.match(await failure(client.request('command/exec', { command: ['x'] })), {
    kind: 'closed',
    message: /out of ideas/,
  });
  t.match(states, [{ kind: 'connected' }, { kind: 'closed', cause: /exit code 3/ }]);
});

t.test('a child process of an ended server does not block the client', async (t) => {
  const leave = `require('node:child_process').spawn('sleep', ['30'], { stdio: 'inherit', detached: true })`;
  const client = await start(`${server('', 'process.exit(0)')};const left = ${leave};console.error('left', left.pid)`, {
    onStderr: (text) => {
      const pid = /left (\d+)/.exec(text)?.[1];
      if (pid) t.teardown(() => process.kill(Number(pid)));
    },
  });
  await client.close();
});

t.test('lines end at LF alone, for any division into chunks', async (t) => {
  const text = 'one\n\ntwo\r\nü🙂\u2028end\nrest';
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const lines: string[] = [];
    const feed = splitLines((line) => lines.push(line), 100);
    for (let at = 0; at < bytes.length; at += size) feed(bytes.subarray(at, at + size));
    t.strictSame(lines, ['one', '', 'two\r', 'ü🙂\u2028end'], `in pieces of ${size}`);
  }
});

t.test('a line above the limit is refused before its end', async (t) => {
  const feed = splitLines(() => {}, 10);
  feed(Buffer.from('12345'));
  t.throws(() => feed(Buffer.from('678901')), /more than 10 bytes/);
});
