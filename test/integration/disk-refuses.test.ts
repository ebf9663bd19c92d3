/** A disk that takes nothing more, in the middle of a thread's life: told as it is, to everybody, and no further. */
import fs from 'node:fs';
import t from 'tap';
import type { Client } from '../../clients/typescript/index.js';
import type { NotificationParams } from '../../schema/registry.js';
import { startDaemon } from '../fixtures/daemon.js';
import { modelConfig } from '../fixtures/model-config.js';
import { event, say, startModelServer } from '../fixtures/model-server.js';

type Ended = NotificationParams<'turn/completed'>['turn'];

/** Starts a turn; resolves with its end. */
function runTurn(client: Client, threadId: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let id: string | null = null;
    const early: Ended[] = [];
    const stop = client.onNotification('turn/completed', ({ threadId: of, turn }) => {
      if (of !== threadId) return;
      if (id === null) return void early.push(turn);
      if (turn.id === id) settle(turn);
    });
    const settle = (turn: Ended): void => {
      stop();
      resolve(turn);
    };
    client.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] }).then(({ turn }) => {
      ({ id } = turn);
      const [ended] = early.filter((one) => one.id === id);
      if (ended) settle(ended);
    }, reject);
  });
}

t.test('a turn that cannot be written fails with the reason; other threads continue', async (t) => {
  let file = '';
  const remove = (): void => fs.rmSync(file);
  const model = await startModelServer(
    say('first'),
    () => {
      remove();
      return [
        event.created(),
        event.done(event.call('exec_command', { cmd: 'echo one' }, 'c1')),
        event.done(event.call('exec_command', { cmd: 'echo two' }, 'c2')),
        event.completed(),
      ];
    },
    say('other'),
  );
  const daemon = await startDaemon({ config: modelConfig(model.url) });
  t.teardown(async () => {
    await daemon.stop();
    await model.close();
  });
  const client = await daemon.connect();
  const { thread } = await client.request('thread/start', { cwd: daemon.work });
  t.equal((await runTurn(client, thread.id)).status, 'completed');
  file = (await client.request('thread/read', { threadId: thread.id, includeTurns: false })).thread.path ?? '';
  t.ok(fs.existsSync(file));

  const cut = await runTurn(client, thread.id);
  t.match(cut, { status: 'failed', error: { message: /rollout .* was removed/ } }, 'in the middle of a turn');
  await t.rejects(runTurn(client, thread.id), { message: /thread not found/ }, 'it is not loaded any more');

  const { thread: other } = await client.request('thread/start', { cwd: daemon.work });
  t.equal((await runTurn(client, other.id)).status, 'completed');
  t.notMatch(daemon.stderr(), /an error that nothing handled/);
});
