import t from 'tap';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { accountSettings } from '../../../server/sessions/account/account-settings.js';

const of = (config: string, env: NodeJS.ProcessEnv = {}, required: readonly string[] | null = null) =>
  accountSettings(parseToml(config), env, required);

t.test('the issuer is the vendor, the configured one, or that of the environment', (t) => {
  t.match(of(''), { issuer: 'https://auth.openai.com', isVendors: true, refreshUrl: null, workspaces: null });
  const config = '[codexd.login]\nissuer = "https://login.example.com/"\nclient_id = "c"\n';
  t.match(of(config), { issuer: 'https://login.example.com', isVendors: false, clientId: 'c' });
  const env = {
    CODEX_APP_SERVER_LOGIN_ISSUER: 'http://127.0.0.1:9',
    CODEX_APP_SERVER_LOGIN_CLIENT_ID: 'e',
    CODEX_REFRESH_TOKEN_URL_OVERRIDE: 'http://localhost:9/token',
    CODEX_REVOKE_TOKEN_URL_OVERRIDE: ' ',
  };
  t.match(of(config, env), {
    issuer: 'http://127.0.0.1:9',
    clientId: 'e',
    refreshUrl: 'http://localhost:9/token',
    revokeUrl: null,
  });
  t.equal(of('chatgpt_base_url = "http://127.0.0.1:9/backend-api/"').backend, 'http://127.0.0.1:9/backend-api');
  t.end();
});

t.test('an address over which others read is refused', (t) => {
  for (const issuer of ['http://example.com', 'ftp://127.0.0.1', 'nonsense', 'https://me:secret@example.com']) {
    const refused = () => of(`[codexd.login]\nissuer = "${issuer}"\n`);
    t.throws(refused, { code: 'account.login', message: /codexd\.login\.issuer must be an https address/ }, issuer);
    t.throws(refused, { message: /^(?!.*secret)/ }, 'no password is quoted');
  }
  t.throws(() => of('chatgpt_base_url = "http://example.com"'), { message: /chatgpt_base_url/ });
  t.end();
});

t.test('workspaces are those that the configuration and the administrator allow', (t) => {
  t.strictSame(of('forced_chatgpt_workspace_id = "a"').workspaces, ['a']);
  t.strictSame(of('', {}, ['b']).workspaces, ['b']);
  t.strictSame(of('forced_chatgpt_workspace_id = ["a", "b"]', {}, ['b', 'c']).workspaces, ['b']);
  t.strictSame(of('forced_chatgpt_workspace_id = "a"', {}, ['b']).workspaces, [], 'none');
  t.end();
});
