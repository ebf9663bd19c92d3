import t from 'tap';
import { createSession } from '../../../server/cli/mcp-server/session.js';
import type { Loose } from './support.js';

const turn = (id: string, more: object = {}): Loose => ({
  threadId: 'thread',
  turn: { id, items: [], itemsView: 'full', status: 'completed', error: null, ...more },
});
const says = (turnId: string, text: string): Loose => ({
  threadId: 'thread',
  turnId,
  completedAtMs: 1,
  item: { type: 'agentMessage', id: 'm', text },
});

t.test('a turn ends with its last message, also if it ended before anybody asked', async (t) => {
  const session = createSession('thread', 1);
  session.seen.item(says('a', 'first'));
  session.seen.item(says('a', 'last'));
  t.match(session.seen.turnCompleted(turn('a')), [{ type: 'task_complete', last_agent_message: 'last' }]);
  t.same(await session.ended('a'), { kind: 'completed', text: 'last' });
  const open = session.ended('b');
  t.same(session.seen.turnCompleted(turn('b', { status: 'interrupted' })), []);
  t.same(await open, { kind: 'interrupted' });
  session.seen.turnCompleted(turn('c', { status: 'failed', error: { message: 'why' } }));
  t.same(await session.ended('c'), { kind: 'failed', message: 'why' });
});

t.test('when its server is gone, every turn has failed', async (t) => {
  const session = createSession('thread', 1);
  const open = session.ended('a');
  session.lost('gone');
  t.same(await open, { kind: 'failed', message: 'gone' });
  t.same(await session.ended('b'), { kind: 'failed', message: 'gone' });
});

t.test('notes are taken once; the changes of a patch are known before its approval', async (t) => {
  const session = createSession('thread', 1);
  session.note('one');
  t.same(session.takeNotes(), ['one']);
  t.same(session.takeNotes(), []);
  t.same(session.changesOf('p'), {});
  const changes = [{ path: '/a', kind: { type: 'add' }, diff: 'x' }];
  session.seen.item({ ...says('a', ''), item: { type: 'fileChange', id: 'p', status: 'inProgress', changes } });
  t.same(session.changesOf('p'), { '/a': { type: 'add', content: 'x' } });
});
