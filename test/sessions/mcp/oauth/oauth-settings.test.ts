import t from 'tap';
import { parseToml } from '../../../../server/config/toml/parse-toml.js';
import { checkStore, oauthSettings } from '../../../../server/sessions/mcp/oauth/oauth-settings.js';

const of = (toml: string) => oauthSettings(parseToml(toml));

t.test('the settings of logins', async (t) => {
  t.same(of(''), { store: 'file', callbackPort: null, callbackUrl: null });
  t.equal(of('mcp_oauth_credentials_store = "auto"').store, 'file');
  t.equal(of('mcp_oauth_callback_port = 8080').callbackPort, 8080);
  t.equal(of('mcp_oauth_callback_url = "https://h.test/cb"').callbackUrl?.href, 'https://h.test/cb');
  t.throws(() => of('mcp_oauth_callback_url = "no"'), { code: 'mcp.login', message: /`no`/ });
  checkStore(of(''));
  t.throws(() => checkStore(of('mcp_oauth_credentials_store = "keyring"')), { code: 'mcp.login' });
});
