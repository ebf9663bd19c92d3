/**
 * Wine's firewall keeps nothing. It reports which function of which object was reached, with the arguments, so the
 * numbers of the functions and the forms of the arguments are compared with that report.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import t from 'tap';
import { packageRoot } from '../../../../server/package/package-root.js';
import { openFirewall } from '../../../../server/system/windows/administration/win32-firewall.js';
import { Win32Error } from '../../../../server/system/windows/win32-security.js';
import { notOnWindows, onWindows } from '../../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => openFirewall(), { code: 'machine.native-module' });
});

t.test('a firewall without the users of rules is an error that says so', onWindows, async (t) => {
  const firewall = openFirewall();
  if (firewall instanceof Win32Error) return void t.fail(firewall.toString());
  t.match(firewall.create(), { call: 'INetFwRule3', code: 0x80004002 });
  t.match(firewall.modifyState(), { call: 'LocalPolicyModifyState', code: 0x80004001 });
  t.match(firewall.rule('codexd_none'), { call: 'Rules.Item codexd_none' });
  firewall.free();
});

const WINE = path.join(packageRoot(), 'scripts', 'windows', 'wine.mjs');
const BED = path.join(packageRoot(), '.cache', 'wine', 'state.stamp');
const needsWine =
  process.platform === 'linux' && fs.existsSync(BED)
    ? {}
    : { skip: 'needs Linux and the test bed of npm run test:windows' };

/** The part of scripts/windows/wine.mjs that is used. */
interface WineModule {
  readonly NODE: string;
  wine(major: 20, args: string[], options: { env: Record<string, string>; debug: string }): Promise<{ out: string }>;
}

/** What Wine runs for the last test. */
if (process.env.CODEXD_TEST_COM === 'run') {
  const firewall = openFirewall('INetFwRule');
  if (!(firewall instanceof Win32Error)) {
    firewall.currentProfiles();
    firewall.isEnabled(4);
    const rule = firewall.create();
    if (!(rule instanceof Win32Error)) {
      rule.put('name', 'codexd_rule');
      rule.put('description', 'words');
      rule.put('protocol', 17);
      rule.put('remotePorts', '0-79,81-65535');
      rule.put('remoteAddresses', '127.0.0.0/8,::1');
      rule.put('direction', 2);
      rule.put('enabled', true);
      rule.put('profiles', 0x7fffffff);
      rule.put('action', 0);
      rule.get('protocol');
      rule.get('remotePorts');
      firewall.add(rule);
      rule.free();
    }
    firewall.remove('codexd_rule');
    firewall.free();
  }
} else
  t.test('each call reaches its function with its argument', needsWine, async (t) => {
    const { wine, NODE } = (await import(pathToFileURL(WINE).href)) as WineModule;
    const self = `C:\\node_modules\\codexd\\${path
      .relative(packageRoot(), fileURLToPath(import.meta.url))
      .split('/')
      .join('\\')}`;
    // Wine's report goes to Wine's own output, not to that of a Windows program.
    const { out } = await wine(20, [NODE, self], {
      env: { CODEXD_TEST_COM: 'run' },
      debug: 'trace+hnetcfg,fixme+hnetcfg',
    });
    const reached = [...out.matchAll(/fixme:hnetcfg:(?:netfw_rule|netfw_rules|fwpolicy2)_(\w+) [0-9A-F]+,? (.*)/g)];
    t.strictSame(
      reached.map(([, name = '', value = '']) => [name, value.replace(/\b[0-9A-F]{16}$/, '(address)')]),
      [
        // Of the test above, which runs there as well.
        ['get_LocalPolicyModifyState', '(address)'],
        ['Item', 'L"codexd_none", (address)'],
        ['get_CurrentProfileTypes', '(address)'],
        ['get_FirewallEnabled', '4 (address)'],
        ['put_Name', 'L"codexd_rule"'],
        ['put_Description', 'L"words"'],
        ['put_Protocol', '17'],
        ['put_RemotePorts', 'L"0-79,81-65535"'],
        ['put_RemoteAddresses', 'L"127.0.0.0/8,::1"'],
        ['put_Direction', '2'],
        ['put_Enabled', '0xffffffff'],
        ['put_Profiles', '0x7fffffff'],
        ['put_Action', '0'],
        ['get_Protocol', '(address)'],
        ['get_RemotePorts', '(address)'],
        ['Add', '(address)'],
        ['Remove', 'L"codexd_rule"'],
      ],
    );
  });
