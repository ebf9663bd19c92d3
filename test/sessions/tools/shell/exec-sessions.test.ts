import t from 'tap';
import type { LiveThread } from '../../../../server/sessions/live/live-thread.js';
import type { ExecSession } from '../../../../server/sessions/tools/shell/exec-session.js';
import { createExecSessions } from '../../../../server/sessions/tools/shell/exec-sessions.js';

function session(id: number, ended: boolean) {
  const made = {
    id,
    end: ended ? { exitCode: 0 } : null,
    terminated: false,
    terminate: () => void (made.terminated = true),
  };
  return made as typeof made & ExecSession;
}
const thread = (): LiveThread => ({}) as LiveThread;

t.test('a thread has a bounded number of sessions: the first one is ended for one more', (t) => {
  const sessions = createExecSessions();
  const [a, b] = [thread(), thread()];
  const made = Array.from({ length: 66 }, (_, n) => session(n, false));
  const other = session(0, false);
  sessions.keep(b, other);
  for (const one of made) sessions.keep(a, one);
  t.same(
    made.filter(({ terminated }) => terminated).map(({ id }) => id),
    [0, 1],
  );
  t.equal(sessions.get(a, 1), null);
  t.equal(sessions.get(a, 2), made[2]);
  t.equal(other.terminated, false, 'other threads have their own');
  t.end();
});

t.test('sessions that have ended and that nobody asks about are forgotten', (t) => {
  const sessions = createExecSessions();
  const a = thread();
  const running = session(1, false);
  sessions.keep(a, running);
  for (let id = 100; id < 150; id++) sessions.keep(a, session(id, true));
  t.equal(sessions.get(a, 133), null);
  t.ok(sessions.get(a, 134), 'the last ones are kept: the model may still come back');
  t.equal(sessions.get(a, 1), running);
  t.equal(running.terminated, false);
  t.end();
});

t.test('commands that start at the same time have different numbers', (t) => {
  const sessions = createExecSessions();
  for (let round = 0; round < 50; round++) {
    const ids = Array.from({ length: 200 }, () => sessions.newId(thread()));
    t.equal(new Set(ids).size, ids.length);
  }
  t.end();
});
