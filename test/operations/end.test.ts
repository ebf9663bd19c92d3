/** SIGTERM to a daemon with work in it (docs/operations.md, "Stop"). */
import { once } from 'node:events';
import fs from 'node:fs';
import t, { type Test } from 'tap';
import { startDaemon } from '../fixtures/daemon.js';
import { tape, told } from './tape.js';

t.setTimeout(120_000);

/** A model that takes its time. */
const NEVER = {
  events: [
    { type: 'itemStarted', item: { type: 'message', role: 'assistant', id: 'm', content: [] } },
    { type: 'textDelta', itemId: 'm', delta: 'first' },
    { type: 'textDelta', itemId: 'm', delta: 'never', afterMs: 3_600_000 },
  ],
};
/** A command that a person has to allow. */
const ASKS = {
  events: [
    {
      type: 'item',
      item: {
        type: 'function_call',
        id: 'f',
        call_id: 'c',
        name: 'exec_command',
        arguments: JSON.stringify({
          cmd: 'touch asked',
          sandbox_permissions: 'require_escalated',
          justification: 'may I?',
        }),
      },
    },
    { type: 'completed', responseId: 'r', usage: null },
  ],
};

async function start(t: Test, response: unknown, config = '') {
  const folder = fs.mkdtempSync('/var/tmp/codexd-end-');
  const daemon = await startDaemon({
    config: `${config}\napproval_policy = "on-request"\nsandbox_mode = "workspace-write"\n${tape(folder, [response])}`,
    args: ['--log-level', 'info'],
  });
  t.teardown(async () => {
    await daemon.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const client = await daemon.connect();
  const warned = new Promise<string>((resolve) =>
    client.onEveryNotification((method, params) => {
      const { message = '', threadId } = params as { message?: string; threadId?: string | null };
      if (method === 'warning' && threadId === null) resolve(message);
    }),
  );
  const { thread } = await client.request('thread/start', {});
  return { daemon, client, warned, id: thread.id, ended: once(daemon.process, 'exit') };
}
const input = [{ type: 'text' as const, text: 'go' }];

t.test(
  'the daemon waits for a running turn: clients are notified, new turns refused, a second signal ends it',
  async (t) => {
    const { daemon, client, warned, id, ended } = await start(t, NEVER);
    const writing = told(client, 'item/agentMessage/delta', id);
    await client.request('turn/start', { threadId: id, input });
    await writing;
    daemon.process.kill('SIGTERM');
    t.match(await warned, /^The server ends when the turns that run are over, in 300 seconds at the latest/);
    const ready = await fetch(`${daemon.url.replace('ws:', 'http:')}/readyz`);
    t.equal(`${ready.status} ${await ready.text()}`, '503 codexd is ending\n');
    await t.rejects(
      client.request('turn/start', { threadId: id, input }),
      /the server is ending: it starts no new turns/,
    );
    t.ok((await client.request('thread/read', { threadId: id })).thread, 'everything else is answered');
    daemon.process.kill('SIGTERM');
    t.strictSame(await ended, [0, null]);
    t.match(daemon.stderr(), /INFO codexd: ended reason=SIGTERM, the second signal/);
  },
);

t.test('the waiting time is a setting, and the turn’s end is written', async (t) => {
  const { daemon, client, id, ended } = await start(t, NEVER, 'codexd.shutdown_timeout_seconds = 1');
  const writing = told(client, 'item/agentMessage/delta', id);
  await client.request('turn/start', { threadId: id, input });
  await writing;
  const { thread } = await client.request('thread/read', { threadId: id });
  daemon.process.kill('SIGTERM');
  t.strictSame(await ended, [0, null]);
  t.match(daemon.stderr(), /turn ended .*status=interrupted/);
  t.match(fs.readFileSync(thread.path!, 'utf8'), /"turn_aborted"/);
});

t.test('a turn that only waits for a person does not delay the end', async (t) => {
  const { daemon, client, id, ended } = await start(t, ASKS);
  const waiting = new Promise<void>((resolve) =>
    client.onEveryNotification((method, params) => {
      const { status } = params as { status?: { activeFlags?: readonly string[] } };
      if (method === 'thread/status/changed' && status?.activeFlags?.includes('waitingOnApproval')) resolve();
    }),
  );
  await client.request('turn/start', { threadId: id, input });
  await waiting;
  daemon.process.kill('SIGTERM');
  t.strictSame(await ended, [0, null]);
  t.notMatch(daemon.stderr(), /ending after the turns/);
});
