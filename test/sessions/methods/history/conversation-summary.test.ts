import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { say } from '../../../fixtures/model-server.js';
import { scene } from '../../turn/support.js';

t.setTimeout(60_000);
const NONE = '01234567-89ab-7def-8123-456789abcdef';

t.test('a thread is summarised by its id, by its path, and by its path in the home', async (t) => {
  const { daemon, home, work, threadId, turn } = await scene(t, {}, say('hello'));
  const ask = (params: object) => daemon.call('getConversationSummary', params);
  const missing = (id: string) => ({ message: new RegExp(`no rollout found for conversation id ${id}`) });
  await t.rejects(ask({ conversationId: threadId }), missing(threadId), 'nothing was said yet');
  await turn('hi you');
  const { summary } = await ask({ conversationId: threadId });
  const { thread } = await daemon.call('thread/read', { threadId });
  t.match(summary, {
    conversationId: threadId,
    path: thread.path,
    preview: 'hi you',
    timestamp: /^\d{4}-.*Z$/,
    updatedAt: /^\d{4}-.*Z$/,
    modelProvider: 'mock',
    cwd: work,
    source: 'vscode',
    gitInfo: null,
  });
  t.same((await ask({ rolloutPath: thread.path })).summary, summary);
  t.same((await ask({ rolloutPath: path.relative(home, thread.path as string) })).summary, summary);
  await t.rejects(ask({ conversationId: NONE }), missing(NONE));
  await t.rejects(ask({ rolloutPath: '/none' }), {
    message: /failed to resolve rollout path `\/none`: file does not exist/,
  });
  fs.writeFileSync(path.join(home, 'other.jsonl'), 'no rollout\n');
  await t.rejects(ask({ rolloutPath: 'other.jsonl' }), { message: /-32600|rollout/ });
});
