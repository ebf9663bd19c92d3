import t from 'tap';
import { interpretRules } from '../../../server/config/rules/interpret.js';
import type { RuleSet } from '../../../server/config/rules/rule-set.js';
import type { NetworkProtocol } from '../../../server/network-approval/registration/denial.js';
import { withRuleFiles } from '../../../server/network-approval/decide/rules-overlay.js';
import { compileRules } from '../../../server/network-approval/decide/domain-rules.js';
import { parseAuthority } from '../../../server/network-approval/decide/targets.js';
import { policyOf } from '../support/policy.js';

let revisions = 0;
const rules = (text: string): RuleSet => ({ ...interpretRules(text, 'x.rules'), revision: `r${++revisions}` });
const FILE = rules(`
network_rule(host="added.test", protocol="http", decision="allow")
network_rule(host="port.test:8443", protocol="https", decision="allow")
network_rule(host="open.test", protocol="http", decision="deny")
network_rule(host="closed.test", protocol="http", decision="allow")
network_rule(host="asked.test", protocol="http", decision="prompt")
network_rule(host="::1", protocol="socks5_tcp", decision="deny")
network_rule(host="*.wide.test", protocol="http", decision="deny")
`);
const DOMAINS = { '*.test': 'allow', 'closed.test': 'deny' } as const;

const ask = (policy: ReturnType<typeof policyOf>, target: string, protocol: NetworkProtocol = 'http'): string => {
  const parsed = parseAuthority(target, 80);
  if (parsed === null) throw new Error(target);
  const { deny, allow, review } = compileRules(policy).match(parsed, protocol);
  return deny !== null
    ? `deny ${deny.name ?? deny.pattern}`
    : review !== null
      ? 'ask'
      : allow !== null
        ? 'allow'
        : 'miss';
};

t.test('the additions of a rules file to a policy', async (t) => {
  const only = withRuleFiles(policyOf({ 'closed.test': 'deny' }), FILE);
  const wide = withRuleFiles(policyOf({ '*': 'allow', 'closed.test': 'deny' }), FILE);
  const rows: [policy: typeof only, target: string, protocol: NetworkProtocol, expected: string, why: string][] = [
    [only, 'added.test', 'http', 'allow', ''],
    [only, 'added.test:8080', 'http', 'allow', 'without a port, every port'],
    [only, 'added.test:443', 'https', 'miss', 'an allowance holds for its protocol'],
    [only, 'added.test', 'socks5Tcp', 'miss', 'an allowance holds for its protocol'],
    [only, 'sub.added.test', 'http', 'miss', 'a host is a host'],
    [only, 'port.test:8443', 'https', 'allow', 'its port'],
    [only, 'port.test:443', 'https', 'miss', 'and no other'],
    [wide, 'open.test', 'http', 'deny open.test', 'a denial beats the configuration'],
    [wide, 'open.test:9', 'socks5Tcp', 'deny open.test', 'a command cannot choose another protocol around it'],
    [wide, 'closed.test', 'http', 'deny closed.test', 'an allowance beats no denial'],
    [wide, 'asked.test', 'http', 'ask', 'a prompt beats an allowance'],
    [wide, '[::1]:80', 'http', 'deny ::1', 'an address'],
    [wide, 'a.wide.test', 'http', 'deny *.wide.test', 'a wildcard is a mistake that still denies'],
    [wide, 'other.test', 'http', 'allow', ''],
  ];
  for (const [policy, target, protocol, expected, why] of rows)
    t.equal(ask(policy, target, protocol), expected, `${target} ${why}`);
});

t.test('under managed_allowed_domains_only allow rules do not count and deny rules do', async (t) => {
  const managed = policyOf({}, { managed: true, managedAllowedDomainsOnly: true });
  const domains = Object.entries(DOMAINS).map(([pattern, verdict]) => ({
    pattern,
    verdict,
    source: 'managed' as const,
  }));
  const laid = withRuleFiles({ ...managed, domains, revision: 'another' }, FILE);
  t.equal(ask(laid, 'open.test'), 'deny open.test');
  t.equal(ask(laid, 'some.test'), 'allow');
  t.equal(ask(withRuleFiles(managed, FILE), 'added.test'), 'miss');
});

t.test('while a denial is not understood, everything is denied, with the name of the line', async (t) => {
  const laid = withRuleFiles(
    policyOf({ '*': 'allow' }),
    rules('network_rule(host=WHO, protocol="http", decision="deny")'),
  );
  t.equal(ask(laid, 'any.test'), 'deny x.rules:1');
});

t.test('without rules a policy is unchanged, and each set of rules has its own revision', async (t) => {
  const policy = policyOf({ '*': 'allow' });
  t.equal(withRuleFiles(policy, { ...FILE, revision: '' }), policy);
  t.not(withRuleFiles(policy, FILE).revision, policy.revision);
  t.equal(withRuleFiles(policy, FILE), withRuleFiles(policy, FILE), 'made once');
});
