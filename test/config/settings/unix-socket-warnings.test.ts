import t from 'tap';
import { checkStartup } from '../../../server/config/settings/startup.js';
import { unixSocketWarnings } from '../../../server/config/settings/unix-socket-warnings.js';
import { makeHome } from '../home.js';

const profile = (network: string, feature = 'network_proxy = true'): string => `
default_permissions = "ws"
[features]
${feature}
[permissions.ws.filesystem]
":root" = "read"
[permissions.ws.network]
enabled = true
${network}
`;
const sockets = (...rules: string[]): string => `[permissions.ws.network.unix_sockets]\n${rules.join('\n')}`;

t.test('a rule that allows a unix socket causes a warning if it has no effect', async (t) => {
  const docker = '"/run/docker.sock" = "allow"';
  const rows: [why: string, config: string, requirements: string | null, warnings: (string | RegExp)[]][] = [
    ['no rule', profile(''), null, []],
    [
      'a rule of the profile',
      profile(sockets(docker)),
      null,
      [
        /^The rule `"\/run\/docker\.sock" = "allow"` for unix sockets \(\[permissions\.ws\.network\.unix_sockets\]\) has no effect: .*allow_local_binding/,
      ],
    ],
    ['one warning a rule', profile(sockets(docker, '"/b" = "allow"')), null, [/docker/, /`"\/b" = "allow"`/]],
    ['a deny rule holds', profile(sockets('"/run/docker.sock" = "deny"')), null, []],
    ['without the proxy unix sockets are open', profile(sockets(docker), 'network_proxy = false'), null, []],
    [
      'a rule of the feature',
      profile('', `network_proxy = { enabled = true, unix_sockets = { ${docker} } }`),
      null,
      [/\(\[features\.network_proxy\.unix_sockets\]\)/],
    ],
    [
      'a rule of the requirements',
      '',
      `[experimental_network]\nenabled = true\n[experimental_network.unix_sockets]\n${docker}\n`,
      [/\(requirements, \[experimental_network\.unix_sockets\]\)/],
    ],
    [
      'all of them at once',
      profile('dangerously_allow_all_unix_sockets = true'),
      null,
      [/^`dangerously_allow_all_unix_sockets = true` has no effect: /],
    ],
  ];
  for (const [why, config, requirements, warnings] of rows) {
    const home = makeHome(t, { config });
    home.systemFile('requirements.toml', requirements);
    const { fatal, warnings: told } = checkStartup(home.source);
    t.equal(fatal, null, why);
    const found = told.map(({ summary }) => summary).filter((summary) => /unix/.test(summary));
    t.equal(found.length, warnings.length, `${why}: ${found.join('\n')}`);
    warnings.forEach((warning, index) => t.match(found[index], warning, why));
  }
});

t.test('a profile that is not the default is checked by its own rules', async (t) => {
  const other =
    '[permissions.other.network]\nenabled = true\n[permissions.other.network.unix_sockets]\n"/x" = "allow"\n';
  const { source } = makeHome(t, { config: profile('') + other });
  const settings = source.settings();
  t.strictSame(unixSocketWarnings(settings, settings.defaultProfile), []);
  t.match(unixSocketWarnings(settings, settings.profile('other')), [/\[permissions\.other\.network\.unix_sockets\]/]);
});
