import t from 'tap';
import type { DomainRule, NetworkPolicy } from '../../server/config/permissions/network-policy.js';
import { compile } from '../../server/network-approval/decide/domain-rules.js';
import type { Target } from '../../server/network-approval/decide/targets.js';
import { changeTo, type RulePlace } from '../../server/network-approval/policy-change.js';
import { policyOf } from './support/policy.js';

const TARGET: Target = { host: { kind: 'name', text: 'a.test' }, port: 443 };
const PLACE: RulePlace = { file: '/h/config.toml', profile: 'dev', proxySwitch: true };

/** `forbidden` judges by the rules alone, as `decide` does first. */
function change(
  verdict: 'allow' | 'deny',
  domains: readonly DomainRule[],
  { place = PLACE, target = TARGET }: { place?: RulePlace; target?: Target } = {},
) {
  const allows = ({ domains: rules }: Pick<NetworkPolicy, 'domains'>): boolean => {
    const found = compile(policyOf({}, { domains: rules })).match(target, 'https');
    return found.deny === null && found.allow !== null;
  };
  return changeTo(verdict, {
    target,
    protocol: 'https',
    policy: policyOf({}, { domains }),
    place,
    rules: compile(policyOf({}, { domains })),
    originOf: ({ source }) => `the place of ${source}`,
    forbidden: (changed) => Promise.resolve(allows(changed) ? null : 'A rule denies it.'),
  });
}
const rule = (pattern: string, verdict: 'allow' | 'deny', source: DomainRule['source'] = 'profile'): DomainRule => ({
  pattern,
  verdict,
  source,
});

t.test('a new rule names the host and the port, in the profile of the command', async (t) => {
  t.strictSame(await change('allow', []), {
    edits: [{ keyPath: 'permissions.dev.network.domains."a.test:443"', value: 'allow' }],
    text: '[permissions.dev.network.domains]\n"a.test:443" = "allow"',
    file: '/h/config.toml',
    scope: 'It counts for the commands of the profile dev that start from now on.',
    obstacle: null,
  });
  t.match(await change('deny', [rule('*.test', 'allow')]), { text: /"a\.test:443" = "deny"/ });
});

t.test('an address has brackets where it needs them, and a profile quotes', async (t) => {
  const target = { host: { kind: 'ipv6', text: '2001:db8::1' }, port: 80 } as const;
  const place = { ...PLACE, profile: 'my "dev"' };
  t.match(await change('allow', [], { target, place }), {
    edits: [{ keyPath: 'permissions."my \\"dev\\"".network.domains."[2001:db8::1]:80"' }],
  });
});

t.test('denials of exactly this host are replaced, where they stand', async (t) => {
  const domains = [rule('A.test', 'deny'), rule('a.test:443', 'deny', 'feature'), rule('a.test:80', 'deny')];
  t.strictSame((await change('allow', domains, { place: { ...PLACE, proxySwitch: null } })).edits, [
    { keyPath: 'permissions.dev.network.domains."A.test"', value: 'allow' },
    { keyPath: 'features.network_proxy.domains."a.test:443"', value: 'allow' },
  ]);
});

t.test('a broader denial, and one of somebody else, is named and not replaced', async (t) => {
  for (const [domain, words] of [
    [rule('*.test', 'deny'), /place of profile: change it there by hand/],
    [rule('a.test', 'deny', 'managed'), /place of managed, which the administrator can change/],
    [rule('a.test', 'deny', 'execpolicy'), /place of execpolicy: change it there by hand/],
  ] as const)
    t.match(await change('allow', [domain]), { edits: [], text: '', obstacle: words }, domain.pattern);
});

t.test('a built-in profile has no table, so the rule is one of all profiles', async (t) => {
  const place = { ...PLACE, profile: null };
  t.match(await change('allow', [], { place }), {
    edits: [{ keyPath: 'features.network_proxy', value: { enabled: true, domains: { 'a.test:443': 'allow' } } }],
    text: '[features.network_proxy]\nenabled = true\n\n[features.network_proxy.domains]\n"a.test:443" = "allow"',
    scope: /every profile/,
  });
  t.match(await change('allow', [], { place: { ...place, proxySwitch: null } }), {
    edits: [{ keyPath: 'features.network_proxy.domains."a.test:443"', value: 'allow' }],
  });
});

t.test('what is so already has no edits', async (t) => {
  for (const [verdict, domain] of [
    ['allow', rule('a.test', 'allow')],
    ['deny', rule('*.test', 'deny')],
  ] as const)
    t.match(await change(verdict, [domain]), { edits: [], obstacle: null });
  t.match(await change('allow', [rule('*.test', 'allow')]), { edits: [{ value: 'allow' }] }, 'the name itself can be');
});
