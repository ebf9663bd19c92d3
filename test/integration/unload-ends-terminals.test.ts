/** A background command when its thread is unloaded: its end and its output are in the history. */
import path from 'node:path';
import fs from 'node:fs';
import t from 'tap';
import { startDaemon } from '../fixtures/daemon.js';
import { modelConfig } from '../fixtures/model-config.js';
import { event, say, startModelServer } from '../fixtures/model-server.js';

t.test('a background command is completed before its thread is unloaded', async (t) => {
  const model = await startModelServer(
    [
      event.created(),
      event.done(event.call('exec_command', { cmd: 'echo before; sleep 60', yield_time_ms: 500 }, 'long')),
      event.completed(),
    ],
    say('it goes on'),
  );
  const daemon = await startDaemon({ config: modelConfig(model.url) });
  t.teardown(async () => {
    await daemon.stop();
    await model.close();
  });
  const client = await daemon.connect();
  const completed: unknown[] = [];
  client.onNotification(
    'item/completed',
    ({ item }) => void (item.type === 'commandExecution' && completed.push(item)),
  );
  const { thread } = await client.request('thread/start', { cwd: daemon.work });
  const ended = new Promise<void>((resolve) => void client.onNotification('turn/completed', () => resolve()));
  await client.request('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'go' }] });
  await ended;
  t.same(completed, [], 'it runs');
  await client.request('thread/archive', { threadId: thread.id });
  t.match(completed, [{ id: 'long', status: 'failed', exitCode: -1, aggregatedOutput: 'before\n' }]);
  const folder = path.join(daemon.home, 'archived_sessions');
  const [file = ''] = fs.readdirSync(folder);
  const lines = fs.readFileSync(path.join(folder, file), 'utf8').split('\n');
  t.ok(
    lines.some((line) => line.includes('"long"') && line.includes('before') && !line.includes('function_call')),
    'in the file too',
  );
});
