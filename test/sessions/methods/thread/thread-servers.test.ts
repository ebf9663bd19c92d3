/** Servers begin and end with their thread, whatever begins and ends it. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../../../fixtures/daemon.js';
import { logged, mcpProgram, mcpTable } from '../../../fixtures/mcp-server.js';
import { say } from '../../../fixtures/model-server.js';
import { until } from '../../../fixtures/until.js';
import { scene } from '../../turn/support.js';

t.setTimeout(120_000);

const alive = (pid: number): boolean => fs.existsSync(`/proc/${pid}`);
/** A server whose child stays when nobody ends it, and that does not mind the end of its input. */
const STUBBORN = `
const { spawn } = await import('node:child_process');
log({ pid: spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).pid });
setInterval(() => {}, 1000);
`;

t.test('a thread that must not be without a server is refused with its cause, and nothing is left', async (t) => {
  const daemon = await startDaemon({ config: '[mcp_servers.docs]\ncommand = "/no/such/server"\nrequired = true\n' });
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  await t.rejects(client.request('thread/start', {}), {
    code: -32603,
    message:
      'error creating thread: Fatal error: Failed to initialize session: required MCP servers failed to initialize: docs: No such file or directory (os error 2)',
  });
  t.same((await client.request('thread/loaded/list', {})).data, []);
  const { thread } = await client.request('thread/start', { config: { 'mcp_servers.docs.enabled': false } });
  t.ok(thread.id);
  const sessions = path.join(daemon.home, 'sessions');
  t.notOk(fs.existsSync(sessions) && fs.readdirSync(sessions).length > 0, 'nothing was written');
});

t.test('a thread waits for what it must not be without, and its start is reported behind the answer', async (t) => {
  const { file } = mcpProgram(t.testdir(), `echo: { run: () => text('x') }`);
  const s = await scene(t, { tables: mcpTable('srv', file, 'required = true') }, say('done'));
  await s.note('mcpServer/startupStatus/updated', ({ status }) => status === 'ready');
  const order = s.daemon.messages.flatMap(({ method }) =>
    /^thread\/started|startupStatus/.test(method ?? '') ? [method] : [],
  );
  t.same(order, ['thread/started', 'mcpServer/startupStatus/updated', 'mcpServer/startupStatus/updated']);
});

for (const [name, end] of Object.entries({
  'the thread is archived': (s: Awaited<ReturnType<typeof scene>>) =>
    s.daemon.call('thread/archive', { threadId: s.threadId }),
  'the daemon ends': (s: Awaited<ReturnType<typeof scene>>) => s.daemon.close(),
})) {
  t.test(`${name}: no process of its servers is left`, async (t) => {
    const { file, logFile } = mcpProgram(t.testdir(), `echo: { run: () => text('x') }`, STUBBORN);
    const s = await scene(t, { tables: ['a', 'b', 'c'].map((one) => mcpTable(one, file)).join('') }, say('done'));
    await s.turn('go');
    const pids = logged(logFile).flatMap(({ pid }) => pid ?? []) as number[];
    t.equal(pids.length, 6);
    t.ok(pids.every(alive));
    await end(s);
    await until(() => !pids.some(alive), 'the processes are gone');
    t.same(pids.filter(alive), []);
  });
}

t.test('a daemon that is killed leaves no process of its servers', async (t) => {
  const { file, logFile } = mcpProgram(t.testdir(), `echo: { run: () => text('x') }`, STUBBORN);
  const daemon = await startDaemon({ config: mcpTable('a', file) + mcpTable('b', file) });
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  await client.request('thread/start', {});
  const pidsOf = () => logged(logFile).flatMap(({ pid }) => pid ?? []) as number[];
  await until(() => pidsOf().length === 4, 'both servers run');
  const pids = pidsOf();
  t.equal(pids.length, 4);
  daemon.process.kill('SIGKILL');
  await until(() => !pids.some(alive), 'the processes are gone');
  t.same(pids.filter(alive), []);
});

t.test('servers of the request alone, by dotted keys', async (t) => {
  const { file, logFile } = mcpProgram(t.testdir(), `echo: { run: () => text('x') }`);
  const config = { 'mcp_servers.own.command': process.execPath, 'mcp_servers.own.args': [file] };
  const s = await scene(t, { start: { config } }, say('done'));
  await s.turn('go');
  const tools = s.model.requests[0]?.body.tools as readonly { name?: string }[];
  t.ok(tools.some(({ name }) => name === 'mcp__own'));
  t.equal(logged(logFile)[0].cwd, s.work);
  t.equal(logged(logFile)[0].env.CODEX_HOME, undefined);
});
