import t from 'tap';
import { checkStartup } from '../../../server/config/settings/startup.js';
import { transparentTcpWarnings } from '../../../server/config/settings/transparent-tcp-warning.js';
import { makeHome } from '../home.js';

const config = (network: string, feature: string): string => `
default_permissions = "ws"
[features]
network_proxy = ${feature}
[permissions.ws.filesystem]
":root" = "read"
[permissions.ws.network]
enabled = true
${network}
`;
const ON = 'transparent_tcp = true';

t.test('a setting that only the newest version knows causes a warning, and the file stays valid', (t) => {
  for (const [why, text, isWarned] of [
    ['the profile asks for it', config(ON, 'true'), true],
    ['the feature asks for it', config('', `{ enabled = true, ${ON} }`), true],
    ['nobody asks for it', config('', 'true'), false],
    ['it is off', config('transparent_tcp = false', 'true'), false],
    ['the network does not go through the proxy', config(ON, 'false'), false],
  ] as const) {
    const home = makeHome(t, { config: text });
    const { settings, problem } = home.source.resolve(home.source.sources.cwd);
    t.equal(problem, null, why);
    const warnings = transparentTcpWarnings(settings, settings.defaultProfile);
    t.equal(warnings.length, isWarned ? 1 : 0, why);
    const told = checkStartup(home.source).warnings.filter(({ summary }) => summary.includes('transparent_tcp'));
    t.equal(told.length, isWarned ? 1 : 0, why);
  }
  t.end();
});
