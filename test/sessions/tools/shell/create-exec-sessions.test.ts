import t from 'tap';
import type { ExecSession } from '../../../../server/sessions/runtime/exec-sessions.js';
import { createExecSessions } from '../../../../server/sessions/tools/shell/create-exec-sessions.js';

function session(id: number, ended: boolean) {
  const made = {
    id,
    end: ended ? { exitCode: 0 } : null,
    terminated: false,
    terminate: () => void (made.terminated = true),
  };
  return made as typeof made & ExecSession;
}

t.test('the number of a thread’s sessions is limited: a further one ends the oldest', (t) => {
  const [sessions, others] = [createExecSessions(), createExecSessions()];
  const made = Array.from({ length: 66 }, (_, n) => session(n, false));
  const other = session(0, false);
  others.keep(other);
  for (const one of made) sessions.keep(one);
  t.same(
    made.filter(({ terminated }) => terminated).map(({ id }) => id),
    [0, 1],
  );
  t.equal(sessions.get(1), null);
  t.equal(sessions.get(2), made[2]);
  t.equal(other.terminated, false, 'other threads have their own');
  t.end();
});

t.test('ended sessions that nobody reads are removed', (t) => {
  const sessions = createExecSessions();
  const running = session(1, false);
  sessions.keep(running);
  for (let id = 100; id < 150; id++) sessions.keep(session(id, true));
  t.equal(sessions.get(133), null);
  t.ok(sessions.get(134), 'the last ones are kept: the model may still come back');
  t.equal(sessions.get(1), running);
  t.equal(running.terminated, false);
  t.end();
});

t.test('commands that start at the same time have different numbers', (t) => {
  const sessions = createExecSessions();
  for (let round = 0; round < 50; round++) {
    const ids = Array.from({ length: 200 }, () => sessions.newId());
    t.equal(new Set(ids).size, ids.length);
  }
  t.end();
});

t.test('the end of the thread ends running commands, and also those that are added later', (t) => {
  const sessions = createExecSessions();
  const [running, ended, late] = [session(1, false), session(2, true), session(3, false)];
  sessions.keep(running);
  sessions.keep(ended);
  sessions.close();
  t.equal(running.terminated, true);
  t.equal(ended.terminated, false);
  sessions.keep(late);
  t.equal(late.terminated, true);
  t.equal(sessions.get(3), null);
  t.equal(sessions.held, 0);
  t.end();
});
