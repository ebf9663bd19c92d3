import t from 'tap';
import { nameOf, refuse } from '../../../server/network-approval/decide/refuse.js';

const target = { host: { kind: 'name', text: 'a.test' }, port: 80 } as const;

t.test('a refusal says no more than it was given', async (t) => {
  const plain = { rule: null, detail: null, sentence: null, endsCommand: false };
  const base = { allowed: false, target, reason: 'denied', decision: 'deny', source: 'baseline_policy', ...plain };
  t.strictSame(refuse(target, 'denied'), base);
  t.strictSame(refuse(target, 'denied', { rule: 'a.*', endsCommand: true }), {
    ...base,
    rule: 'a.*',
    endsCommand: true,
  });
});

t.test('a rule is named as it was written', async (t) => {
  t.equal(nameOf({ pattern: 'a.test', verdict: 'deny', source: 'profile' }), 'a.test');
  t.equal(nameOf({ pattern: 'a.test', verdict: 'deny', source: 'profile', name: 'A.test' }), 'A.test');
});
