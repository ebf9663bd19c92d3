import t from 'tap';
import { footerLine, workingLine } from '../../../../clients/chat/screen/status-lines.js';
import { openedState, type ThreadState } from '../../../../clients/chat/session/thread-state.js';
import { NO_STYLES } from '../../../../clients/chat/text/styles.js';
import { opened, type Loose } from '../fake-client.js';

const state: ThreadState = openedState(opened('t') as Loose, []);
const line = (part: Partial<ThreadState>, nowMs: number, waits = false): string | undefined =>
  workingLine({ ...state, ...part }, { sinceMs: 1000, nowMs, waits }, NO_STYLES)[0];

t.test('what runs, and for how long', async (t) => {
  t.equal(line({}, 5000), undefined, 'no turn runs');
  t.match(line({ turnId: 'u' }, 5999), /^. working, 4 s \(Esc interrupts\)$/);
  t.not(line({ turnId: 'u' }, 5000), line({ turnId: 'u' }, 5130), 'it moves');
  t.match(line({ turnId: 'u', connection: 'reconnecting' }, 5000), /connection is lost/);
});

t.test('above a question nothing moves', async (t) => {
  t.equal(line({ turnId: 'u' }, 5000, true), 'waiting for an answer');
  t.equal(line({ turnId: 'u' }, 5130, true), 'waiting for an answer');
  t.equal(line({}, 5000, true), undefined, 'no turn runs');
});

t.test('the facts about the thread, safe', async (t) => {
  t.equal(footerLine(state, 0, NO_STYLES), 'm · read-only, on-request · /work');
  const other = { ...state, model: 'a\u001b[2Jb', effort: 'high', cwd: '/x\ny' };
  t.equal(
    footerLine(other, 2, NO_STYLES),
    'a\\u001b[2Jb high · read-only, on-request · 2 images with the next message · /x y',
  );
});
