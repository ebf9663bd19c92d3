import t from 'tap';
import { compileRules } from '../../../server/network-approval/decide/domain-rules.js';
import { dialable, judge } from '../../../server/network-approval/decide/judge-addresses.js';
import { policyOf } from '../support/policy.js';

const policy = policyOf({ 'a.test': 'allow', '1.1.1.1': 'deny' });
const context = (answers: readonly string[], local = false): Parameters<typeof dialable>[1] => ({
  policy: { allowLocalBinding: local },
  rules: compileRules(policy),
  resolver: {
    resolve: async () => {
      if (answers.length === 0) throw new Error('ENOTFOUND');
      return answers;
    },
  },
  ownEndpoints: () => [{ port: 4711 }],
});
const named = (port: number) => ({ host: { kind: 'name', text: 'a.test' }, port }) as const;

t.test('what may be dialled is what was judged; one that may be is enough', async (t) => {
  const given = context(['10.0.0.1', '1.1.1.1', '8.8.8.8']);
  t.strictSame(await dialable(named(80), given, false), { addresses: ['8.8.8.8'], refused: null });
  t.match(await dialable(named(80), context(['1.1.1.1']), false), {
    addresses: [],
    refused: { reason: 'denied', rule: '1.1.1.1', detail: '1.1.1.1' },
  });
  t.match((await dialable(named(80), context([]), false)).refused, {
    reason: 'not_allowed_local',
    detail: 'lookup failed: ENOTFOUND',
  });
  t.strictSame(await dialable(named(80), context([], true), false), { addresses: [], refused: null });
});

t.test('the daemon and the metadata service are no local addresses like others', async (t) => {
  const local = context([], true);
  t.equal(judge('127.0.0.1', named(80), local, false), null);
  t.match(judge('127.0.0.1', named(4711), local, true), { detail: '127.0.0.1 is the daemon itself' });
  t.match(judge('169.254.169.254', named(80), local, false), { reason: 'not_allowed_local' });
  t.equal(judge('169.254.169.254', named(80), local, true), null, 'chosen by number');
  t.match(judge('a.test', named(80), local, true), { detail: 'no address: a.test' });
});
