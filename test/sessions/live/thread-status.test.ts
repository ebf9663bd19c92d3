/** Which status a thread has, and that clients receive each change once. */
import t from 'tap';
import type { ThreadStatus } from '../../../schema/protocol/threads/thread.js';
import { createStatusTracker } from '../../../server/sessions/live/thread-status.js';

t.test('idle, active, failed, gone; a status that did not change is not told', async (t) => {
  const told: ThreadStatus[] = [];
  const status = createStatusTracker((now) => void told.push(now));
  status.tell();
  status.begin();
  status.tell();
  status.tell();
  status.end(true);
  status.tell();
  status.begin();
  status.end(false);
  status.tell();
  status.close();
  status.tell();
  t.strictSame(told, [
    { type: 'active', activeFlags: [] },
    { type: 'systemError' },
    { type: 'idle' },
    { type: 'notLoaded' },
  ]);
  t.strictSame(status.status, { type: 'notLoaded' });
});

t.test('a flag is shown until all who raised it have lowered it, in a fixed order', async (t) => {
  const status = createStatusTracker(() => {});
  const flags = () => (status.status as { activeFlags?: unknown }).activeFlags;
  status.begin();
  status.flag('waitingOnUserInput', true);
  status.flag('waitingOnApproval', true);
  status.flag('waitingOnApproval', true);
  t.strictSame(flags(), ['waitingOnApproval', 'waitingOnUserInput']);
  status.flag('waitingOnApproval', false);
  status.flag('waitingOnUserInput', false);
  t.strictSame(flags(), ['waitingOnApproval']);
  status.flag('waitingOnApproval', false);
  status.flag('waitingOnApproval', false);
  t.strictSame(flags(), [], 'never below nothing');
  status.flag('waitingOnApproval', true);
  status.end(false);
  status.begin();
  t.strictSame(flags(), [], 'a new turn waits for nothing');
});
