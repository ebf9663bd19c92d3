import t from 'tap';
import { createConfigService } from '../../../server/config/settings/config-service.js';
import { noOauth } from '../../../server/services/extensions/mcp-oauth.js';

t.test('nobody can sign in, and each receives the reason', async (t) => {
  const home = t.testdir({ 'config.toml': '[mcp_servers.s]\ncommand = "x"\n[mcp_servers.h]\nurl = "http://h.test"\n' });
  const source = createConfigService({ codexHome: home, cwd: home, env: { HOME: home } });
  t.equal(noOauth(source, 'zz'), "No MCP server named 'zz' found.");
  t.equal(noOauth(source, 's'), 'OAuth login is only supported for streamable HTTP servers.');
  t.match(noOauth(source, 'h'), /does not sign in.*bearer_token_env_var/);
  const broken = t.testdir({ 'config.toml': '[mcp_servers.a]\n' });
  t.throws(
    () => noOauth(createConfigService({ codexHome: broken, cwd: broken, env: { HOME: broken } }), 'a'),
    /failed to reload config/,
  );
});
