import t from 'tap';
import { openLogins } from '../../../server/cli/mcp/open-logins.js';
import { createConfigService } from '../../../server/config/settings/config-service.js';
import { configOf } from '../../sessions/mcp/oauth/support.js';

t.test('logins of the home, by its configuration', async (t) => {
  const home = t.testdir({ 'config.toml': 'mcp_oauth_credentials_store = "keyring"\n' });
  const logins = openLogins(createConfigService({ codexHome: home, cwd: home, env: { HOME: home } }));
  await t.rejects(logins.logout(configOf('http://127.0.0.1:9')), { code: 'mcp.login', message: /keyring/ });
  await logins.close();
});
