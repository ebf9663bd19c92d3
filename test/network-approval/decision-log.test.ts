import t from 'tap';
import { createDecisionLog, type NewDecision } from '../../server/network-approval/decision-log.js';

const decision = (host: string): NewDecision => ({
  at: 1,
  registrationId: 'r',
  owner: { kind: 'connection', connectionId: 1, requestId: 2, processId: null },
  protocol: 'http',
  method: 'GET',
  host,
  port: 80,
  verdict: 'allow',
  reason: null,
  rule: host,
  source: 'baseline_policy',
  detail: null,
  latencyMs: 1,
  policyRevision: 'v1',
});

t.test('entries come back in order, from where the reader left off', async (t) => {
  const log = createDecisionLog();
  for (const host of ['a', 'b', 'c']) log.record(decision(host));
  t.strictSame(
    log.list().map(({ sequence, host }) => [sequence, host]),
    [
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ],
  );
  t.strictSame(
    log.list({ after: 1, limit: 1 }).map(({ host }) => host),
    ['b'],
  );
  t.strictSame(log.list({ after: 3 }), []);
});

t.test('the oldest entries are dropped, and the sequence shows that they were', async (t) => {
  const log = createDecisionLog({ capacity: 2 });
  for (const host of ['a', 'b', 'c', 'd', 'e']) log.record(decision(host));
  t.strictSame(
    log.list().map(({ sequence, host }) => [sequence, host]),
    [
      [4, 'd'],
      [5, 'e'],
    ],
  );
});

t.test('an entry learns later which address was dialled; what a reader holds does not change', async (t) => {
  const log = createDecisionLog();
  const recorded = log.record(decision('a'));
  const before = log.list();
  recorded.dialled('93.184.216.34');
  t.equal(before[0]?.address, null);
  t.equal(log.list()[0]?.address, '93.184.216.34');
});
