import t from 'tap';
import { createApprovals } from '../../../server/sessions/runtime/approvals.js';

t.test('what was approved holds until the thread is closed, and nothing holds behind it', (t) => {
  const approvals = createApprovals();
  approvals.add('a');
  approvals.add('a');
  t.ok(approvals.has('a'));
  t.notOk(approvals.has('b'));
  t.equal(approvals.held, 1);
  approvals.close();
  approvals.add('b');
  t.notOk(approvals.has('a'));
  t.notOk(approvals.has('b'), 'an answer that comes late');
  t.equal(approvals.held, 0);
  t.end();
});
