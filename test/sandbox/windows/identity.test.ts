import t from 'tap';
import { windowsIdentity, type IdentityRequest } from '../../../server/sandbox/windows/identity.js';
import { offlineRules, isBlocked } from '../../../server/sandbox/windows/firewall.js';

const OFFLINE = { user: 'offline', path: 'logon' } as const;

/** All combinations: the network, the mode, allow_local_binding. */
const TABLE = [
  ['lane', 'elevated', false, OFFLINE],
  ['lane', 'elevated', true, OFFLINE],
  ['lane', 'unelevated', false, OFFLINE],
  ['lane', 'unelevated', true, OFFLINE],
  ['offline', 'elevated', false, OFFLINE],
  ['offline', 'elevated', true, OFFLINE],
  ['offline', 'unelevated', false, OFFLINE],
  ['offline', 'unelevated', true, OFFLINE],
  ['direct', 'elevated', false, { user: 'online', path: 'logon' }],
  ['direct', 'elevated', true, { user: 'online', path: 'logon' }],
  ['direct', 'unelevated', false, { user: 'online', path: 'restrictedToken' }],
  ['direct', 'unelevated', true, { user: 'online', path: 'restrictedToken' }],
] as const;

const SIDS = { offline: 'S-1-5-21-1-2-3-1001', online: 'S-1-5-21-1-2-3-1002' } as const;

for (const [network, mode, allowLocalBinding, expected] of TABLE)
  t.test(`${network}, ${mode}, allow_local_binding ${allowLocalBinding}`, async (t) => {
    const identity = windowsIdentity({ network, mode });
    t.strictSame(identity, expected);
    const rules = offlineRules({ prefix: 'codexd', sid: SIDS.offline, lanePorts: [8100], allowLocalBinding });
    const blocked = (address: string, port: number) =>
      isBlocked(rules, { sid: SIDS[identity.user], protocol: 6, address, port });
    t.equal(blocked('93.184.216.34', 443), network !== 'direct', 'the way out');
    t.equal(blocked('127.0.0.1', 8100), false, 'the port of the lanes');
    t.equal(blocked('127.0.0.1', 5432), network !== 'direct' && !allowLocalBinding, 'another local port');
  });

t.test('a value that is no network is confined', async (t) => {
  const request = JSON.parse('{"network":"Direct","mode":"unelevated"}') as IdentityRequest;
  t.strictSame(windowsIdentity(request), OFFLINE);
});
