import t from 'tap';
import { createMcpServer } from '../../../server/sessions/mcp/mcp-server.js';
import { fakeServer } from '../../fixtures/mcp-server.js';
import { configOf, fakeDaemon, fakeHost } from './support.js';

function made(more = '', handlers: Parameters<typeof fakeServer>[0] = {}) {
  const [host, daemon] = [fakeHost(), fakeDaemon(() => fakeServer(handlers))];
  const server = createMcpServer(configOf(more), daemon, host);
  return { host, daemon, server, told: () => host.notes.map(({ status }) => status) };
}

t.test('its start is reported, and its end leaves no process', async (t) => {
  const { server, daemon, told } = made();
  t.equal(server.status, 'notStarted');
  server.start();
  server.start();
  t.equal(server.status, 'starting');
  await server.settled();
  t.equal(server.status, 'connected');
  t.same(told(), ['starting', 'ready']);
  await server.close();
  t.same(
    daemon.runs.map(({ end }) => end),
    ['stdin'],
  );
  server.start();
  server.retry();
  t.equal(daemon.runs.length, 1, 'what was ended does not start again');
});

t.test('a server that is not needed any more while it starts is ended at once', async (t) => {
  const { server, daemon, told } = made('', { initialize: () => undefined });
  server.start();
  while (daemon.runs.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await server.close();
  t.equal(server.status, 'cancelled');
  t.same(told(), ['starting', 'cancelled']);
  t.not(daemon.runs[0]?.end, 'running');
});

t.test('a failure is reported with advice, and stays until it is tried again', async (t) => {
  const { server, host, daemon } = made('startup_timeout_sec = 0.05', { initialize: () => undefined });
  server.start();
  await server.settled();
  t.match(host.notes.at(-1), {
    status: 'failed',
    error: /^MCP client for `srv` timed out after 0 seconds\. .*startup_timeout_sec = XX$/s,
  });
  t.match(server.error, /^MCP startup failed: timed out/);
  server.start();
  t.equal(daemon.runs.length, 1);
  server.retry();
  await server.settled();
  t.equal(daemon.runs.length, 2);
});

t.test('a server that ends by itself starts again when it is needed, but not without a limit', async (t) => {
  const { server, daemon, told } = made();
  server.start();
  await server.settled();
  for (let n = 0; n < 6; n++) {
    daemon.runs.at(-1)?.die();
    await new Promise((resolve) => setImmediate(resolve));
    t.equal(server.status, 'failed');
    server.start();
    await server.settled();
  }
  t.equal(daemon.runs.length, 4, 'three times without having answered a call');
  t.equal(server.status, 'failed');
  t.equal(told().filter((status) => status === 'starting').length, 4);
  server.retry();
  await server.settled();
  t.equal(server.status, 'connected', 'reading the configuration again begins anew');
  server.answered();
  t.equal(daemon.runs.length, 5);
});

t.test('who waits for a call hears that the server waits for a person', async (t) => {
  const heard: boolean[] = [];
  const { server, host, daemon } = made();
  let answer = (): void => {};
  Object.assign(host, { ask: () => new Promise((resolve) => (answer = () => resolve({ action: 'cancel' }))) });
  server.start();
  await server.settled();
  const stop = server.watchQuestions((open) => void heard.push(open));
  const fake = daemon.runs[0]!.server;
  fake.send({ id: 1, method: 'elicitation/create', params: { message: 'x' } });
  while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const late: boolean[] = [];
  server.watchQuestions((open) => void late.push(open))();
  t.same(late, [true], 'whoever comes while it waits hears it at once');
  answer();
  while (heard.length === 1) await new Promise((resolve) => setImmediate(resolve));
  t.same(heard, [true, false]);
  stop();
});
