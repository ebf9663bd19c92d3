import t from 'tap';
import { applyFirewall, removeFirewall } from '../../../../server/sandbox/windows/setup/firewall-apply.js';
import { isBlocked, type FirewallRule, type OfflineFirewall } from '../../../../server/sandbox/windows/firewall.js';
import { Win32Error } from '../../../../server/system/windows/win32-security.js';
import { onWindows } from '../../../fixtures/windows.js';
import { fakeFirewall, type FakeFirewall } from './fake-firewall.js';

const SID = 'S-1-5-21-1-2-3-1001';
const STRICT: OfflineFirewall = { prefix: 'codexd_1', sid: SID, lanePorts: [48100], allowLocalBinding: false };

/** The stored rules as the judge reads them. */
const rulesIn = (rules: FakeFirewall['rules']): FirewallRule[] =>
  [...rules].flatMap(([name, stored]) => {
    if (stored.get('enabled') !== true || stored.get('action') !== 0 || stored.get('direction') !== 2) return [];
    return {
      name,
      description: '',
      protocol: Number(stored.get('protocol')),
      remoteAddresses: String(stored.get('remoteAddresses')),
      remotePorts: stored.has('remotePorts') ? String(stored.get('remotePorts')) : null,
      users: String(stored.get('localUsers')),
      direction: 'out',
      action: 'block',
      enabled: true,
      profiles: 0,
    };
  });
const blocked = (rules: FakeFirewall['rules'], protocol: number, address: string, port: number): boolean =>
  isBlocked(rulesIn(rules), { sid: SID, protocol, address, port });

t.test('rules are made, kept, changed and removed', async (t) => {
  const firewall = fakeFirewall();
  t.equal(applyFirewall(STRICT, firewall), null);
  t.equal(firewall.rules.size, 6);
  t.equal(blocked(firewall.rules, 6, '127.0.0.1', 48100), false);
  t.equal(blocked(firewall.rules, 6, '127.0.0.1', 48101), true);
  t.equal(blocked(firewall.rules, 17, '1.1.1.1', 53), true);
  firewall.rules.set('somebody', new Map());
  t.equal(applyFirewall({ ...STRICT, lanePorts: [50000] }, firewall), null);
  t.equal(blocked(firewall.rules, 6, '127.0.0.1', 48100), true);
  t.equal(blocked(firewall.rules, 6, '127.0.0.1', 50000), false);
  t.equal(applyFirewall({ ...STRICT, allowLocalBinding: true }, firewall), null);
  t.equal(blocked(firewall.rules, 17, '127.0.0.1', 5), false);
  t.equal(blocked(firewall.rules, 6, '10.0.0.1', 80), true);
  t.equal(removeFirewall('codexd_1', firewall), null);
  t.equal(removeFirewall('codexd_1', firewall), null);
  t.strictSame([...firewall.rules.keys()], ['somebody'], 'rules of others stay');
  t.equal(firewall.open, 0, 'every object is freed');
});

t.test('at no moment of a change is open what is closed before and after', async (t) => {
  const firewall = fakeFirewall();
  applyFirewall(STRICT, firewall);
  firewall.states.length = 0;
  applyFirewall({ ...STRICT, lanePorts: [48100, 50000] }, firewall);
  t.ok(firewall.states.length > 0);
  for (const state of firewall.states)
    for (const [protocol, address, port] of [
      [6, '127.0.0.1', 48101],
      [17, '127.0.0.1', 48100],
      [6, '8.8.8.8', 48100],
      [1, '8.8.8.8', 0],
      [6, '::1', 443],
    ] as const)
      t.ok(blocked(state, protocol, address, port), `${address} ${protocol}/${port}`);
});

t.test('a firewall whose rules take no effect is an error', async (t) => {
  const cases: readonly (readonly [Partial<FakeFirewall>, RegExp])[] = [
    [{ state: 1 }, /policy of the domain/],
    [{ state: 2 }, /LocalPolicyModifyState 2/],
    [{ state: new Win32Error('LocalPolicyModifyState', 0x80004001) }, /does not say whether its rules take effect/],
    [{ profiles: 0 }, /no profile/],
    [{ off: [4] }, /off for the public profile/],
    [{ adds: 'fails' }, /block_outbound cannot be made: Rules.Add \(os error 5\)/],
    [{ adds: 'forgets' }, /block_outbound cannot be read back: Windows reported success/],
  ];
  for (const [change, pattern] of cases) t.match(applyFirewall(STRICT, Object.assign(fakeFirewall(), change)), pattern);
  t.equal(applyFirewall(STRICT, Object.assign(fakeFirewall(), { off: [1] })), null, 'a profile that is not in use');
});

t.test('a property that Windows keeps otherwise is named with its rule', async (t) => {
  const wrong = {
    protocol: 6,
    direction: 1,
    action: 1,
    remotePorts: '0-48098,48101-65535',
    remoteAddresses: '127.0.0.1',
    localUsers: 'O:LSD:(A;;CC;;;WD)',
    profiles: 1,
    enabled: false,
    description: 'other words',
  } as const;
  for (const [property, value] of Object.entries(wrong)) {
    const firewall = fakeFirewall();
    firewall.keep = (name, own) => (name === property ? value : own);
    t.match(
      applyFirewall(STRICT, firewall),
      new RegExp(`the rule codexd_1_offline_\\w+ was read back with another ${property}`),
    );
    t.equal(firewall.open, 0);
  }
  for (const property of [
    'applicationName',
    'serviceName',
    'localAddresses',
    'localPorts',
    'icmpTypes',
    'interfaceTypes',
  ] as const) {
    const firewall = fakeFirewall();
    applyFirewall(STRICT, firewall);
    for (const rule of firewall.rules.values()) rule.set(property, 'narrower');
    t.match(applyFirewall(STRICT, firewall), property, 'a condition that somebody added');
  }
  const firewall = fakeFirewall();
  firewall.keep = (name, own) => (name === 'localUsers' ? `${String(own)}(A;;CC;;;S-1-1-0)` : own);
  t.match(applyFirewall(STRICT, firewall), /localUsers/);
});

t.test("Wine's firewall reports success and keeps nothing: the rule is named", onWindows, async (t) => {
  const { openFirewall } = await import('../../../../server/system/windows/administration/win32-firewall.js');
  const policy = openFirewall();
  if (policy instanceof Win32Error) return void t.fail(policy.toString());
  t.match(applyFirewall(STRICT, policy), /whether its rules take effect/);
  t.match(
    applyFirewall(STRICT, { ...policy, modifyState: () => 0, currentProfiles: () => 2, isEnabled: () => true }),
    /the rule codexd_1_offline_block_outbound cannot be/,
  );
  policy.free();
});
