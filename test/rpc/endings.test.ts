import t from 'tap';
import { dial, dialInitialized, startListener } from './support.js';

const LIST = 'thread/loaded/list';
const TURN = 'thread/unarchive';

t.test('an idle listener ends at once on any signal: 0, and clients see 1001', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const { daemon, port } = await startListener(t);
    const client = await dialInitialized(t, `ws://127.0.0.1:${port}`);
    const running = client.request('run', 'command/exec', { command: ['x'] });
    await client.request(1, LIST);
    daemon.process.kill(signal);
    t.equal(await daemon.exited, 0, signal);
    t.equal(await client.closed, 1001);
    t.match(await running, { result: { exitCode: 137 } }, 'the command was told to stop, and answered');
  }
});

t.test('a listener with a running turn continues, and ends after it with its last notifications sent', async (t) => {
  const { daemon, port } = await startListener(t);
  const client = await dialInitialized(t, `ws://127.0.0.1:${port}`);
  await client.request(1, TURN, { threadId: '1500' });
  daemon.process.kill('SIGTERM');
  t.match(await client.request(2, LIST), { result: {} });
  const late = await dialInitialized(t, `ws://127.0.0.1:${port}`);
  t.match(await late.request(1, LIST), { result: {} }, 'new connections are served too');
  daemon.process.kill('SIGHUP');
  t.equal(await daemon.exited, 0);
  t.match(await client.next(({ method }) => method === 'thread/unarchived'), { params: { threadId: '1500' } });
  t.equal(await client.closed, 1001);
});

t.test('a second SIGTERM or SIGINT ends a listener that waits for turns', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { daemon, port } = await startListener(t);
    const client = await dialInitialized(t, `ws://127.0.0.1:${port}`);
    await client.request(1, TURN, { threadId: '60000' });
    daemon.process.kill('SIGTERM');
    await client.request(2, LIST);
    daemon.process.kill(signal);
    t.equal(await daemon.exited, 0, signal);
    t.equal(await client.closed, 1001);
  }
});

t.test('waiting for turns has a limit', async (t) => {
  const { daemon, port } = await startListener(t, [], { TEST_DRAIN_MS: '200' });
  const client = await dialInitialized(t, `ws://127.0.0.1:${port}`);
  await client.request(1, TURN, { threadId: '60000' });
  daemon.process.kill('SIGTERM');
  t.equal(await daemon.exited, 0);
});

t.test('a signal directly after the listener started finds its handler', async (t) => {
  for (let round = 0; round < 3; round++) {
    const { daemon } = await startListener(t);
    daemon.process.kill('SIGTERM');
    t.equal(await daemon.exited, 0);
  }
});

t.test("a client that never answers a close frame, or never reads, does not delay the daemon's end", async (t) => {
  const { daemon, port } = await startListener(t);
  const stuck = await dialInitialized(t, `ws://127.0.0.1:${port}`);
  stuck.ws.pause();
  for (let id = 0; id < 50_000; id++) stuck.ws.send(`{"id":${id},"method":"${LIST}","params":{}}`);
  const other = await dial(t, `ws://127.0.0.1:${port}`);
  daemon.process.kill('SIGTERM');
  t.equal(await daemon.exited, 0);
  t.equal(await other.closed, 1001);
});
