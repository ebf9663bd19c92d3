import t from 'tap';
import { createApprovals } from '../../../server/sessions/runtime/approvals.js';

t.test('approvals are valid until the thread is closed, and none is valid afterwards', (t) => {
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
