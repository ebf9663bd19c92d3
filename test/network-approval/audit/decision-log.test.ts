import t from 'tap';
import { createDecisionLog, type DecisionEntry } from '../../../server/network-approval/audit/decision-log.js';
import { decision } from '../support/decision.js';

t.test("entries are returned in order, from the reader's last position", async (t) => {
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

t.test('the oldest entries are dropped, and the sequence shows that', async (t) => {
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

t.test("an entry gets the connected address later; a reader's copy does not change", async (t) => {
  const log = createDecisionLog();
  const recorded = log.record(decision('a'));
  const before = log.list();
  recorded.dialled('93.184.216.34');
  t.equal(before[0]?.address, null);
  t.equal(log.list()[0]?.address, '93.184.216.34');
});

t.test('every decision is passed on once, after its last change', async (t) => {
  const final: DecisionEntry[] = [];
  const log = createDecisionLog({ onFinal: (entry) => final.push(entry) });
  const seen = (): unknown[] => final.splice(0).map(({ host, address }) => [host, address]);
  log.record(decision('refused', { verdict: 'deny', reason: 'denied' }));
  t.strictSame(seen(), [['refused', null]], 'a refusal at once');
  const dialled = log.record(decision('dialled'));
  t.strictSame(seen(), [], 'an allowed request not before it is known what was dialled');
  dialled.dialled('192.0.2.1');
  t.strictSame(seen(), [['dialled', '192.0.2.1']]);
  dialled.dialled('192.0.2.2');
  log.record(decision('never', { registrationId: 'ended' }));
  log.record(decision('still', { registrationId: 'running' }));
  log.settle('ended');
  t.strictSame(seen(), [['never', null]], 'or when its command has ended');
  log.close();
  t.strictSame(seen(), [['still', null]], 'or when the log is closed');
});

t.test('texts of a command are cut, so that they cannot fill the memory', async (t) => {
  const log = createDecisionLog();
  const long = 'x'.repeat(16_000);
  log.record(decision(long, { method: long, program: long, detail: long, rule: long }));
  const [entry] = log.list();
  const lengths = [entry?.host, entry?.method, entry?.program, entry?.detail, entry?.rule].map((text) => text?.length);
  t.strictSame(lengths, [255, 32, 256, 512, 512]);
});

t.test('totals include dropped entries', async (t) => {
  const log = createDecisionLog({ capacity: 1 });
  for (const host of ['a', 'b', 'c']) log.record(decision(host));
  log.record(decision('d', { verdict: 'deny', reason: 'not_allowed' }));
  t.strictSame(
    log.totals().map(({ verdict, reason, count }) => [verdict, reason, count]),
    [
      ['allow', null, 3],
      ['deny', 'not_allowed', 1],
    ],
  );
});
