import fc from 'fast-check';
import t from 'tap';
import type { NetworkPolicy } from '../../../server/config/permissions/network-policy.js';
import {
  decide,
  type AccessRequest,
  type Answer,
  type Verdict,
} from '../../../server/network-approval/decide/decide.js';
import type { Lookup } from '../../../server/network-approval/decide/lookup-queue.js';
import { createResolvers } from '../../../server/network-approval/decide/resolve.js';
import { compileRules } from '../../../server/network-approval/decide/domain-rules.js';
import { parseAuthority } from '../../../server/network-approval/decide/targets.js';
import { policyOf } from '../support/policy.js';

const NEVER = new AbortController().signal;
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'public.test': ['93.184.216.34'],
  'loop.test': ['127.0.0.1'],
  'metadata.test': ['169.254.169.254'],
  'metadata6.test': ['fd00:ec2::254'],
  'private.test': ['10.1.2.3'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'zero.test': ['0.0.0.0'],
  'mixed.test': ['10.0.0.1', '93.184.216.34', '::1', '2606:4700:4700::1111'],
  'strange.test': ['fe80::1%eth0'],
  localhost: ['127.0.0.1', '::1'],
};

interface Given {
  readonly policy: NetworkPolicy;
  readonly lookup?: Lookup;
  readonly ask?: (request: AccessRequest) => Promise<Answer>;
  readonly own?: readonly number[];
  readonly method?: string | null;
  readonly hooked?: readonly string[];
  readonly request?: Pick<AccessRequest, 'intercepted' | 'hooks'>;
}

function ask(target: string, given: Given): Promise<Verdict> {
  const parsed = parseAuthority(target, 80);
  if (parsed === null) throw new Error(`no target: ${target}`);
  const lookup: Lookup =
    given.lookup ??
    (async (name) => {
      const found = NAMES[name];
      if (found === undefined) throw new Error('ENOTFOUND');
      return found;
    });
  return decide(
    { protocol: 'http', target: parsed, method: given.method === undefined ? 'GET' : given.method, ...given.request },
    {
      policy: given.policy,
      hooked: new Set(given.hooked),
      rules: compileRules(given.policy),
      resolver: createResolvers({ lookup })('owner', NEVER),
      ask: given.ask ?? (async () => null),
      mayAsk: () => given.ask !== undefined,
      ownEndpoints: () => (given.own ?? []).map((port) => ({ port })),
    },
  );
}

const summary = (verdict: Verdict): string =>
  verdict.allowed
    ? `allowed ${verdict.addresses.join()}`
    : `${verdict.reason} ${verdict.decision} ${verdict.source}${verdict.rule === null ? '' : ` ${verdict.rule}`}`;

t.test('local binding off: the refused targets and their reasons', async (t) => {
  const policy = policyOf({ '*': 'allow', 'evil.test': 'deny', '127.0.0.5': 'allow', '10.9.9.9': 'deny' });
  const rows: [target: string, expected: string, why: string][] = [
    ['public.test', 'allowed 93.184.216.34', 'the judged address is what will be dialled'],
    ['93.184.216.34', 'allowed 93.184.216.34', ''],
    ['evil.test', 'denied deny baseline_policy evil.test', 'case 10: the rule is named'],
    ['EVIL.test.', 'denied deny baseline_policy evil.test', 'cases 5 and 6'],
    ['loop.test', 'not_allowed_local deny baseline_policy', 'case 16: allowed name, local address'],
    ['metadata.test', 'not_allowed_local deny baseline_policy', 'case 17'],
    ['metadata6.test', 'not_allowed_local deny baseline_policy', 'case 17'],
    ['private.test', 'not_allowed_local deny baseline_policy', 'case 18'],
    ['mapped.test', 'not_allowed_local deny baseline_policy', 'case 13'],
    ['zero.test', 'not_allowed_local deny baseline_policy', 'case 24'],
    ['strange.test', 'not_allowed_local deny baseline_policy', 'a resolver answer that is no plain address'],
    ['mixed.test', 'allowed 93.184.216.34,2606:4700:4700::1111', 'case 20: only the public answers are dialled'],
    ['unknown.test', 'not_allowed_local deny baseline_policy', 'case 23: a failing lookup is no permission'],
    ['127.0.0.1', 'not_allowed_local deny baseline_policy', 'a wildcard does not mean this machine'],
    ['2130706433', 'not_allowed_local deny baseline_policy', 'case 12'],
    ['127.0.0.5', 'allowed 127.0.0.5', 'a literal that is listed itself is a choice'],
    ['10.9.9.9', 'denied deny baseline_policy 10.9.9.9', 'deny before local'],
    ['localhost', 'not_allowed_local deny baseline_policy', ''],
    ['LOCALHOST.', 'not_allowed_local deny baseline_policy', ''],
    ['[::1]', 'not_allowed_local deny baseline_policy', ''],
    ['[64:ff9b::7f00:1]', 'not_allowed_local deny baseline_policy', 'case 13'],
    ['[2002:7f00:1::]', 'not_allowed_local deny baseline_policy', 'case 13'],
  ];
  for (const [target, expected, why] of rows)
    t.equal(summary(await ask(target, { policy })), expected, `${target} ${why}`);
});

t.test('a target without a rule is refused without a lookup, and an empty list matches nothing', async (t) => {
  let lookups = 0;
  const lookup: Lookup = async () => {
    lookups++;
    return ['93.184.216.34'];
  };
  const policy = policyOf({ 'public.test': 'allow' });
  t.equal(summary(await ask('other.test', { policy, lookup })), 'not_allowed deny baseline_policy');
  t.equal(summary(await ask('public.test', { policy: policyOf({}), lookup })), 'not_allowed deny baseline_policy');
  t.equal(lookups, 0, 'a name that nobody allowed is told to no resolver');
});

t.test('localhost is reachable if it is listed, and only then', async (t) => {
  const policy = policyOf({ localhost: 'allow' });
  t.equal(summary(await ask('localhost', { policy })), 'allowed 127.0.0.1,::1');
  t.equal(summary(await ask('127.0.0.1', { policy })), 'not_allowed_local deny baseline_policy');
});

t.test('local binding on: local addresses are allowed, metadata services and the daemon are not', async (t) => {
  const policy = policyOf({ '*': 'allow' }, { allowLocalBinding: true });
  t.equal(summary(await ask('loop.test', { policy })), 'allowed 127.0.0.1');
  t.equal(summary(await ask('127.0.0.1', { policy })), 'allowed 127.0.0.1');
  t.equal(summary(await ask('unknown.test', { policy })), 'allowed ', 'the upstream fails, as it would anyway');
  t.equal(summary(await ask('metadata.test', { policy })), 'not_allowed_local deny baseline_policy', 'case 17');
  t.equal(summary(await ask('169.254.169.254', { policy })), 'not_allowed_local deny baseline_policy', 'case 17');
  const listed = policyOf({ '169.254.169.254': 'allow' }, { allowLocalBinding: true });
  t.equal(
    summary(await ask('169.254.169.254', { policy: listed })),
    'allowed 169.254.169.254',
    'unless listed as itself',
  );

  const own = [4711];
  t.equal(summary(await ask('127.0.0.1:4711', { policy, own })), 'not_allowed_local deny baseline_policy', 'case 34');
  t.equal(summary(await ask('mapped.test:4711', { policy, own })), 'not_allowed_local deny baseline_policy', 'case 34');
  t.equal(summary(await ask('zero.test:4711', { policy, own })), 'not_allowed_local deny baseline_policy', 'case 34');
  t.equal(summary(await ask('127.0.0.1:4712', { policy, own })), 'allowed 127.0.0.1');
  const literal = policyOf({ '127.0.0.1': 'allow' });
  t.match(await ask('127.0.0.1:4711', { policy: literal, own }), {
    allowed: false,
    detail: '127.0.0.1 is the daemon itself',
  });
});

t.test('a denied address is denied under every name', async (t) => {
  const policy = policyOf({ '*': 'allow', '93.184.216.34': 'deny' });
  t.equal(summary(await ask('public.test', { policy })), 'denied deny baseline_policy 93.184.216.34');
  t.equal(summary(await ask('mixed.test', { policy })), 'allowed 2606:4700:4700::1111');
});

t.test('case 21: one lookup per decision, so a second answer cannot be used', async (t) => {
  const answers = [['93.184.216.34'], ['127.0.0.1']];
  const lookup: Lookup = async () => answers.shift() ?? [];
  const verdict = await ask('public.test', { policy: policyOf({ 'public.test': 'allow' }), lookup });
  t.equal(summary(verdict), 'allowed 93.184.216.34');
  t.equal(answers.length, 1);
});

t.test('limited mode: reading methods only, case-sensitive, after all other checks', async (t) => {
  const policy = policyOf({ 'public.test': 'allow' }, { mode: 'limited' });
  for (const method of ['GET', 'HEAD', 'OPTIONS']) t.ok((await ask('public.test', { policy, method })).allowed, method);
  for (const method of ['POST', 'get', 'CONNECT', 'TRACE', null]) {
    t.equal(
      summary(await ask('public.test', { policy, method })),
      'method_not_allowed deny mode_guard',
      `case 33: ${method}`,
    );
  }
  t.equal(summary(await ask('other.test', { policy, method: 'POST' })), 'not_allowed deny baseline_policy');
});

t.test('asking: an answer replaces the allow list and nothing else', async (t) => {
  const asked: string[] = [];
  const given = (policy: NetworkPolicy, answer: Answer, lookup?: Lookup): Given => ({
    policy,
    ...(lookup ? { lookup } : {}),
    ask: async ({ target }) => {
      asked.push(target.host.text);
      return answer;
    },
  });
  const managed = policyOf({ 'listed.test': 'allow', 'evil.test': 'deny' }, { managed: true });
  const yes = { allow: true } as const;
  const no = { allow: false, sentence: 'rejected by user' } as const;

  t.equal(summary(await ask('public.test', given(managed, yes))), 'allowed 93.184.216.34');
  t.match(await ask('public.test', given(managed, no)), {
    allowed: false,
    decision: 'deny',
    source: 'decider',
    sentence: 'rejected by user',
  });
  t.equal(summary(await ask('public.test', given(managed, null))), 'not_allowed ask decider', 'nobody to ask');
  t.equal(asked.length, 3);

  t.equal(
    summary(await ask('evil.test', given(managed, yes))),
    'denied deny baseline_policy evil.test',
    'a deny is final',
  );
  t.equal(
    summary(await ask('127.0.0.1', given(managed, yes))),
    'not_allowed_local deny baseline_policy',
    'so is a local literal',
  );
  const only = policyOf({}, { managed: true, managedAllowedDomainsOnly: true });
  t.equal(summary(await ask('public.test', given(only, yes))), 'not_allowed deny baseline_policy');
  t.equal(asked.length, 3, 'none of these was asked about');
  t.equal(summary(await ask('public.test', given(policyOf({}), yes))), 'allowed 93.184.216.34', 'unmanaged');
  t.equal(
    summary(await ask('public.test', given(policyOf({}), null))),
    'not_allowed deny baseline_policy',
    'unmanaged, and nobody to ask: the rules alone decided',
  );

  t.equal(
    summary(await ask('loop.test', given(managed, yes))),
    'not_allowed_local deny baseline_policy',
    'case 22: what was approved is resolved and judged after the approval',
  );

  let rules = compileRules(managed);
  const verdict = await decide(
    { protocol: 'http', target: { host: { kind: 'name', text: 'public.test' }, port: 80 }, method: 'GET' },
    {
      policy: managed,
      hooked: new Set<string>(),
      get rules() {
        return rules;
      },
      resolver: createResolvers({ lookup: async () => ['93.184.216.34'] })('owner', NEVER),
      ask: async () => {
        rules = compileRules(policyOf({ 'public.test': 'deny' }));
        return yes;
      },
      mayAsk: () => true,
      ownEndpoints: () => [],
    },
  );
  t.equal(summary(verdict), 'denied deny baseline_policy public.test', 'a denial that came meanwhile wins');
});

t.test('nobody is asked about a request that a yes could not allow', async (t) => {
  const asked: string[] = [];
  const yes = async ({ target }: AccessRequest): Promise<Answer> => {
    asked.push(target.host.text);
    return { allow: true };
  };
  const hooked = ['public.test', '93.184.216.34'];
  const open = policyOf({});
  const limited = policyOf({}, { mode: 'limited' });
  const local = policyOf({}, { allowLocalBinding: true });
  const reviewed = policyOf({ 'public.test': 'allow' }, { managed: true, reviewDomains: ['public.test'] });
  const rows: [target: string, expected: string, given: Given][] = [
    ['public.test', 'mitm_required deny mode_guard', { policy: open, hooked }],
    ['93.184.216.34', 'mitm_required deny mode_guard', { policy: open, hooked, method: null }],
    ['public.test', 'mitm_required deny mode_guard', { policy: reviewed, hooked }],
    ['public.test', 'method_not_allowed deny mode_guard', { policy: limited, method: 'POST' }],
    ['public.test', 'method_not_allowed deny mode_guard', { policy: limited, hooked, method: null }],
    ['169.254.169.254', 'not_allowed_local deny baseline_policy', { policy: local }],
    ['127.0.0.1:4711', 'not_allowed_local deny baseline_policy', { policy: local, own: [4711] }],
  ];
  for (const [target, expected, given] of rows) {
    t.equal(summary(await ask(target, { ...given, ask: yes })), expected, target);
    const alone = summary(await ask(target, given));
    t.match(alone, /^not_allowed (deny baseline_policy|ask decider)/, `${target}: without a person the rules say why`);
  }
  t.strictSame(asked, []);
  const tunnel = { request: { intercepted: 'tunnel' }, ask: yes } as const;
  t.match(await ask('public.test', { policy: open, hooked, ...tunnel }), { allowed: true });
  t.match(await ask('public.test', { policy: limited, method: 'CONNECT', ...tunnel }), { allowed: true });
  t.strictSame(asked, ['public.test', 'public.test'], 'the requests inside are judged later');
});

t.test('review: asked about although allowed; a deny still wins', async (t) => {
  const policy = policyOf(
    { 'public.test': 'allow', 'evil.test': 'deny' },
    { managed: true, reviewDomains: ['public.test', 'evil.test'] },
  );
  const yes = async () => ({ allow: true }) as const;
  t.equal(summary(await ask('public.test', { policy })), 'not_allowed ask decider public.test');
  t.match(await ask('public.test', { policy, ask: yes }), { allowed: true, source: 'decider', rule: 'public.test' });
  t.equal(summary(await ask('evil.test', { policy, ask: yes })), 'denied deny baseline_policy evil.test');
});

t.test('with local binding off no local address is ever connected, whatever names resolve to', async () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('127.0.0.1', '::1', '10.0.0.1', '::ffff:10.0.0.1'));
  await fc.assert(
    fc.asyncProperty(fc.array(address, { minLength: 1, maxLength: 4 }), async (answers) => {
      const policy = policyOf({ '*': 'allow' });
      const verdict = await ask('x.test', { policy, lookup: async () => answers });
      if (!verdict.allowed) return true;
      // A literal of the same address must pass too: names get no more than literals.
      const literals = await Promise.all(verdict.addresses.map((a) => ask(a.includes(':') ? `[${a}]` : a, { policy })));
      return literals.every((literal) => literal.allowed);
    }),
  );
});
