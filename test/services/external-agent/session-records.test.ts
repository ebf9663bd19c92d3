import t from 'tap';
import type { SessionMessage } from '../../../server/services/external-agent/read-session.js';
import { sessionRecords, turnsOf } from '../../../server/services/external-agent/session-records.js';

const say = (role: SessionMessage['role'], text: string): SessionMessage => ({ role, text, atMs: 5000 });

t.test('a turn for each message of the person; the last says that it was imported', (t) => {
  const turns = turnsOf([say('assistant', 'before'), say('user', 'a'), say('assistant', 'b'), say('user', 'c')]);
  t.equal(turns.length, 2);
  const types = (from: number): unknown[] => sessionRecords(turns, from).map(({ payload }) => payload.type);
  t.same(types(0), [
    'task_started',
    ...['user_message', 'message', 'agent_message', 'message', 'task_complete'],
    'task_started',
    ...['user_message', 'message', 'agent_message', 'token_count', 'task_complete'],
  ]);
  t.same(types(1), ['task_started', 'user_message', 'message', 'agent_message', 'token_count', 'task_complete']);
  t.same(types(2), []);
  t.match(sessionRecords(turns, 1)[0], { payload: { turn_id: 'external-import-turn-2', started_at: 5 } });
  t.end();
});
