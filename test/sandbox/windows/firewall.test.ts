import fc from 'fast-check';
import t from 'tap';
import {
  allPortsBut,
  firewallSteps,
  isBlocked,
  offlineRules,
  PROTOCOL,
  ruleNames,
  type FirewallRule,
  type OfflineFirewall,
} from '../../../server/sandbox/windows/firewall.js';

const SID = 'S-1-5-21-1-2-3-1001';
const ONLINE = 'S-1-5-21-1-2-3-1002';
const LANES = [48100, 48101, 50000];
const STRICT: OfflineFirewall = { prefix: 'codexd_1', sid: SID, lanePorts: LANES, allowLocalBinding: false };
const LOCAL: OfflineFirewall = { ...STRICT, allowLocalBinding: true };

const blocked = (rules: readonly FirewallRule[], protocol: number, address: string, port = 0, sid = SID): boolean =>
  isBlocked(rules, { sid, protocol, address, port });

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';
const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6().filter((address) => !/^[0:]*:f{4}:/i.test(address));
const outside = fc.oneof(ipv4, ipv6).filter((address) => !/^127\.|^[0:]*:0*1$/.test(address));
const loopback = fc.oneof(
  fc.ipV4().map((address) => address.replace(/^\d+/, '127')),
  fc.constant('::1'),
  fc.ipV4().map((address) => `::ffff:${address.replace(/^\d+/, '127')}`),
);
const port = fc.integer({ min: 0, max: 65535 });

t.test('nothing but loopback is ever reached, with any protocol', async (t) => {
  for (const options of [STRICT, LOCAL]) {
    const rules = offlineRules(options);
    fc.assert(
      fc.property(outside, fc.integer({ min: 0, max: 255 }), port, (address, protocol, port) =>
        blocked(rules, protocol, address, port),
      ),
    );
    const edges = ['0.0.0.0', '126.255.255.255', '128.0.0.0', '255.255.255.255', '169.254.169.254', '224.0.0.1'];
    const edges6 = ['::', '::2', '::7f00:1', 'fe80::1', 'ff02::fb', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'];
    for (const address of [...edges, ...edges6, '::ffff:8.8.8.8', '::ffff:126.255.255.255', '::ffff:128.0.0.0'])
      for (const [protocol, port] of [
        [PROTOCOL.tcp, 443],
        [PROTOCOL.tcp, 53],
        [PROTOCOL.udp, 53],
        [PROTOCOL.tcp, 48100],
        [PROTOCOL.icmp, 0],
        [PROTOCOL.icmpv6, 0],
        [47, 0],
      ] as const)
        t.ok(blocked(rules, protocol, address, port), `${address} ${protocol}/${port}`);
  }
});

t.test('loopback is closed but for the ports of the lanes, with TCP', async (t) => {
  const rules = offlineRules(STRICT);
  fc.assert(
    fc.property(loopback, port, (address, port) => {
      t.ok(blocked(rules, PROTOCOL.udp, address, port));
      return blocked(rules, PROTOCOL.tcp, address, port) === !(address === '127.0.0.1' && LANES.includes(port));
    }),
  );
  for (const address of ['127.0.0.0', '127.0.0.1', '127.0.0.2', '127.255.255.255', '::1', '::ffff:127.0.0.1']) {
    for (const lane of LANES) {
      const isLane = address.endsWith('127.0.0.1');
      t.equal(blocked(rules, PROTOCOL.tcp, address, lane), !isLane, `${address}:${lane}`);
      t.ok(blocked(rules, PROTOCOL.udp, address, lane), `${address}:${lane} with UDP`);
    }
    for (const near of [0, 1, 53, 48099, 48102, 49999, 50001, 65535])
      t.ok(blocked(rules, PROTOCOL.tcp, address, near), `${address}:${near}`);
  }
  t.ok(blocked(rules, PROTOCOL.icmp, '127.0.0.1'));
  t.ok(blocked(rules, PROTOCOL.icmpv6, '::1'));
});

t.test('without lanes nothing is reached; with allow_local_binding loopback is, and no more', async () => {
  const none = offlineRules({ ...STRICT, lanePorts: [] });
  fc.assert(fc.property(loopback, port, (address, port) => blocked(none, PROTOCOL.tcp, address, port)));
  const local = offlineRules(LOCAL);
  fc.assert(
    fc.property(
      loopback,
      fc.constantFrom(6, 17, 1),
      port,
      (address, protocol, port) => !blocked(local, protocol, address, port),
    ),
  );
});

t.test('nobody else is blocked', async () => {
  const rules = [...offlineRules(STRICT), ...offlineRules(LOCAL)];
  fc.assert(
    fc.property(fc.oneof(outside, loopback), fc.integer({ min: 0, max: 255 }), port, (address, protocol, port) =>
      [ONLINE, 'S-1-5-18', `${SID}0`].every((sid) => !blocked(rules, protocol, address, port, sid)),
    ),
  );
});

t.test('at no moment of the changes is open what is closed before and after', async (t) => {
  const moments = (before: readonly FirewallRule[], options: OfflineFirewall) => {
    const standing = new Map(before.map((rule) => [rule.name, rule]));
    return firewallSteps(options).map((step) => {
      if (step.kind === 'put') standing.set(step.rule.name, step.rule);
      else standing.delete(step.name);
      return [...standing.values()];
    });
  };
  const states = [STRICT, LOCAL, { ...STRICT, lanePorts: [] }, { ...STRICT, lanePorts: [48100, 60000] }];
  for (const [i, from] of states.entries())
    for (const [j, to] of states.entries()) {
      const [before, after] = [offlineRules(from), offlineRules(to)];
      const all = moments(before, to);
      t.strictSame(new Set(all.at(-1)), new Set(after), `${i} to ${j} ends with its rules`);
      for (const address of ['1.1.1.1', '127.0.0.1', '127.0.0.2', '::1', '2001:db8::1'])
        for (const protocol of [1, 6, 17, 58])
          for (const port of [0, 48099, 48100, 48101, 60000, 65535]) {
            const closed = (rules: readonly FirewallRule[]) => blocked(rules, protocol, address, port);
            if (closed(before) && closed(after) && !all.every(closed))
              t.fail(`${i} to ${j}: ${address} ${protocol}/${port} is open for a moment`);
          }
    }
  const first = firewallSteps(STRICT);
  t.ok(
    moments([], STRICT).every(
      (rules, i) => i >= 6 || !rules.some(({ remotePorts }) => remotePorts !== null && remotePorts !== '*'),
    ),
    'all of it is blocked before the lanes are open',
  );
  t.equal(first.at(6)?.kind, 'put');
});

t.test('the ports but for some', async (t) => {
  t.equal(allPortsBut([]), '*');
  t.equal(allPortsBut([80]), '0-79,81-65535');
  t.equal(allPortsBut([1]), '0,2-65535');
  t.equal(allPortsBut([65535]), '0-65534');
  t.equal(allPortsBut([5, 6, 8]), '0-4,7,9-65535');
});

t.test('every rule is complete, and its name is known for the removal', async (t) => {
  for (const rule of offlineRules(STRICT)) {
    t.match(rule, {
      direction: 'out',
      action: 'block',
      enabled: true,
      profiles: 0x7fffffff,
      users: `O:LSD:(A;;CC;;;${SID})`,
    });
    t.ok(ruleNames('codexd_1').includes(rule.name));
    t.equal(isLoopback(rule.remoteAddresses) && rule.protocol === PROTOCOL.any, false);
  }
  for (const lanePorts of [[0], [65536], [1.5], [-1], [NaN]])
    t.throws(() => offlineRules({ ...STRICT, lanePorts }), RangeError);
  for (const sid of ['S-1-1-0', 'S-1-5-32-544', '', 'S-1-5-21-1-2-3-4)(A;;CC;;;WD'])
    t.throws(() => offlineRules({ ...STRICT, sid }), RangeError, sid);
});
