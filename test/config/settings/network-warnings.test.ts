import t from 'tap';
import { checkStartup } from '../../../server/config/settings/startup.js';
import { makeHome } from '../home.js';

const profile = (name: string, network: string): string =>
  `[permissions.${name}.filesystem]\n":root" = "read"\n[permissions.${name}.network]\nenabled = true\n${network}\n`;
const head = (feature = 'true'): string => `default_permissions = "ws"\nfeatures = { network_proxy = ${feature} }\n`;

t.test('a key that has no effect is named', async (t) => {
  const url = 'proxy_url = "http://127.0.0.1:3128"';
  const rows: [why: string, config: string, requirements: string | null, keys: string[]][] = [
    ['nothing is set', head() + profile('ws', ''), null, []],
    ['defaults of the official program', head() + profile('ws', 'enable_socks5_udp = false'), null, []],
    ['UDP', head() + profile('ws', 'enable_socks5_udp = true'), null, ['enable_socks5_udp']],
    [
      'of the feature',
      head('{ enabled = true, enable_socks5_udp = true }') + profile('ws', ''),
      null,
      ['enable_socks5_udp'],
    ],
    ['without the proxy', head('false') + profile('ws', url), null, []],
    [
      'addresses',
      head() + profile('ws', `${url}\nsocks_url = "socks5://127.0.0.1:8081"`),
      null,
      ['proxy_url', 'socks_url'],
    ],
    [
      'other interfaces',
      head() + profile('ws', 'dangerously_allow_non_loopback_proxy = true'),
      null,
      ['dangerously_allow_non_loopback_proxy'],
    ],
    ['a profile beside the default', head() + profile('ws', '') + profile('other', url), null, ['proxy_url']],
    [
      'requirements',
      '',
      '[experimental_network]\nenabled = true\nhttp_port = 3128\nsocks_port = 8081\ndangerously_allow_non_loopback_proxy = true\n',
      ['dangerously_allow_non_loopback_proxy', 'http_port', 'socks_port'],
    ],
  ];
  for (const [why, config, requirements, keys] of rows) {
    const home = makeHome(t, { config });
    home.systemFile('requirements.toml', requirements);
    const { fatal, warnings } = checkStartup(home.source);
    t.equal(fatal, null, why);
    const told = warnings.flatMap(
      ({ summary }) => /^`(\w+).*` of the network settings has no effect: /.exec(summary)?.[1] ?? [],
    );
    t.strictSame(told, keys, why);
  }
});
