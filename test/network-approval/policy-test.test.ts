import t from 'tap';
import type { NetworkPolicy } from '../../server/config/permissions/network-policy.js';
import { NO_RULES } from '../../server/config/rules/rule-set.js';
import { policyTestMethods, type PolicyTestOptions } from '../../server/network-approval/policy-test.js';
import { fakeClient } from '../operator/support.js';
import { createSessionMemory, type SessionMemory } from '../../server/network-approval/registration/session-memory.js';
import { policyOf } from './support/policy.js';

const CONTEXT = { requestId: 1, afterAnswer: () => {} };
type Changes = Partial<NetworkPolicy> & { readonly asks?: boolean; readonly memory?: SessionMemory };
const PLACE = { file: '/h/config.toml', profile: 'dev', proxySwitch: true };

const tester = ({ asks = false, memory, ...changes }: Changes, options: Partial<PolicyTestOptions> = {}) => {
  const methods = policyTestMethods({
    access: () =>
      Promise.resolve({
        profile: 'dev',
        network: { kind: 'proxied', policy: policyOf({}, changes) },
        asks,
        memory: memory ?? null,
        place: PLACE,
      }),
    ruleFiles: () => NO_RULES,
    requirements: () => '/etc/codex/requirements.toml',
    ownEndpoints: () => [],
    environment: {},
    ...options,
  });
  return (host: string, more: { protocol?: 'http' | 'https' | 'socks5Tcp'; method?: string } = {}) =>
    methods['network/policy/test'](
      {
        host,
        port: 443,
        protocol: 'https',
        method: null,
        path: null,
        cwd: null,
        profile: null,
        threadId: null,
        ...more,
      },
      fakeClient(1).caller,
      CONTEXT,
    );
};

t.test('the verdict, the rule and where it stands', async (t) => {
  const domains = [
    { pattern: 'ok.test', verdict: 'allow', source: 'profile' },
    { pattern: '*.bad.test', verdict: 'deny', source: 'managed' },
  ] as const;
  const test = tester({ revision: 'a', domains });
  t.match(await test('OK.test.'), {
    verdict: 'allow',
    reason: null,
    rule: 'ok.test',
    source: 'baseline_policy',
    origin: '[permissions.dev.network.domains] of the configuration',
    ruleText: { allow: /network_rule.*ok\.test.*allow/, deny: /network_rule.*ok\.test.*deny/ },
  });
  t.match(await test('x.bad.test'), {
    verdict: 'deny',
    reason: 'denied',
    rule: '*.bad.test',
    origin: 'the requirements (/etc/codex/requirements.toml)',
    explanation: /\*\.bad\.test/,
  });
  t.match(await test('other.test'), { verdict: 'deny', reason: 'not_allowed', rule: null, origin: null });
  t.match(await test('127.0.0.1'), { verdict: 'deny', reason: 'not_allowed_local' });
  await t.rejects(async () => test('a b'), { message: /^no host and port/ });
});

t.test('where a person could be asked, the answer is ask, and nobody is', async (t) => {
  const test = tester({ revision: 'b', domains: [], asks: true });
  t.match(await test('other.test'), { verdict: 'ask', reason: 'not_allowed', source: 'decider' });
  t.match(await test('169.254.169.254'), { verdict: 'deny', reason: 'not_allowed_local' }, 'a yes would not help');
});

t.test('what a person allowed for the session of the thread is allowed, and nothing beside it', async (t) => {
  const memory = createSessionMemory();
  memory.approve({ protocol: 'https', host: 'other.test', port: 443 });
  const test = tester({ revision: 'm', domains: [], asks: true, memory });
  t.match(await test('OTHER.test'), {
    verdict: 'allow',
    source: 'decider',
    explanation: /for the session/,
    rule: null,
  });
  t.match(await test('other.test', { protocol: 'http' }), { verdict: 'ask' });
  const denies = [{ pattern: 'other.test', verdict: 'deny', source: 'profile' }] as const;
  t.match(await tester({ revision: 'n', domains: denies, asks: true, memory })('other.test'), { verdict: 'deny' });
  t.match(await tester({ revision: 'm', domains: [], memory })('other.test'), { verdict: 'deny' }, 'nobody is asked');
});

t.test('a rule of a rules file is named with its line', async (t) => {
  const rule = { path: '/h/rules/default.rules', line: 3, justification: null } as const;
  const ruleFiles = () => ({
    ...NO_RULES,
    revision: 'one',
    networkRules: [{ ...rule, pattern: 'saved.test', protocol: 'https', decision: 'allow' } as const],
  });
  const test = tester({ revision: 'c', domains: [] }, { ruleFiles });
  t.match(await test('saved.test'), { verdict: 'allow', origin: '/h/rules/default.rules:3' });
  t.match(await test('saved.test', { protocol: 'socks5Tcp' }), { verdict: 'deny' }, 'for its protocol alone');
});

t.test('limited mode looks at the method inside', async (t) => {
  const domains = [{ pattern: 'ok.test', verdict: 'allow', source: 'profile' }] as const;
  const test = tester({ revision: 'd', domains, mode: 'limited' });
  t.match(await test('ok.test'), { verdict: 'allow' });
  t.match(await test('ok.test', { method: 'GET' }), { verdict: 'allow' });
  t.match(await test('ok.test', { method: 'POST' }), {
    verdict: 'deny',
    reason: 'method_not_allowed',
    source: 'mode_guard',
  });
});

t.test('profiles without the proxy have one answer for every host', async (t) => {
  for (const [kind, verdict, reason] of [
    ['offline', 'deny', 'no_network'],
    ['direct', 'allow', 'unrestricted'],
  ] as const) {
    const access = () => Promise.resolve({ profile: null, network: { kind }, asks: true, memory: null, place: PLACE });
    const other = verdict === 'deny' ? 'allow' : 'deny';
    t.match(await tester({}, { access })('any.test'), {
      verdict,
      reason,
      changes: { [other]: { edits: [], obstacle: /network/ }, [verdict]: { edits: [], obstacle: null } },
    });
  }
});
