import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import t from 'tap';
import { say } from '../../fixtures/model-server.js';
import { until } from '../../fixtures/until.js';
import { scene } from '../turn/support.js';

t.setTimeout(60_000);

t.test('old sessions are compressed, listed, read and continued; an older Node says what it needs', async (t) => {
  const first = await scene(t, {}, say('hello'), say('again'));
  await first.turn('hi you');
  const { thread } = await first.daemon.call('thread/read', { threadId: first.threadId });
  const { daemon, threadId } = await first.restarted();
  const file = thread.path as string;
  fs.utimesSync(file, 1_700_000_000, 1_700_000_000);
  if (!('zstdCompress' in zlib)) {
    await t.rejects(daemon.call('rollout/compress', undefined), { message: /Node 22\.15 or newer/ });
    t.ok(fs.existsSync(file));
    t.notOk(fs.existsSync(path.join(first.home, '.tmp', 'rollout-compression.lock')), 'no pass counts as made');
    return;
  }
  t.strictSame(await daemon.call('rollout/compress', undefined), {});
  await until(() => fs.existsSync(`${file}.zst`) && !fs.existsSync(file), 'it is compressed');
  t.match((await daemon.call('thread/list', {})).data, [{ id: threadId, path: file, preview: 'hi you' }]);
  t.equal((await daemon.call('thread/read', { threadId, includeTurns: true })).thread.turns.length, 1);
  await daemon.call('thread/resume', { threadId });
  await daemon.call('turn/start', { threadId, input: [{ type: 'text', text: 'more' }] });
  await daemon.next(({ method }) => method === 'turn/completed', 0);
  t.match(JSON.stringify(first.model.requests.at(-1)?.body.input), 'hi you');
});
