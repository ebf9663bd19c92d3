import t from 'tap';
import { decisionIn, formReplyIn } from '../../../server/cli/mcp-server/elicitation.js';

t.test('only an explicit yes is a yes', async (t) => {
  for (const yes of [{ decision: 'approved' }, { action: 'accept' }]) t.equal(decisionIn(yes), 'approved');
  t.equal(decisionIn({ decision: 'approved_for_session' }), 'approved_for_session');
  for (const stop of [{ decision: 'abort' }, { action: 'cancel' }]) t.equal(decisionIn(stop), 'abort');
  for (const no of [null, undefined, 'approved', [], {}, { action: true }, { decision: null, action: 'accept' }])
    t.equal(decisionIn(no), 'denied', JSON.stringify(no));
});

t.test('a rule for the words of a command', async (t) => {
  const amendment = (words: unknown) => ({
    decision: { approved_execpolicy_amendment: { proposed_execpolicy_amendment: words } },
  });
  t.same(decisionIn(amendment(['git', 'status'])), { prefix: ['git', 'status'] });
  t.equal(decisionIn(amendment(['git', 1])), 'denied');
  t.equal(decisionIn({ decision: { approved_execpolicy_amendment: null } }), 'denied');
});

t.test('forms', async (t) => {
  t.same(formReplyIn({ action: 'accept', content: { a: 1 } }), { action: 'accept', content: { a: 1 } });
  t.same(formReplyIn({ action: 'accept', content: 5 }), { action: 'accept', content: {} });
  t.same(formReplyIn({ action: 'cancel', content: { a: 1 } }), { action: 'cancel', content: null });
  for (const no of [null, {}, { action: 'yes' }]) t.same(formReplyIn(no), { action: 'decline', content: null });
});
