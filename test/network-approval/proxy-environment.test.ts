import t from 'tap';
import { proxyEnvironment, quietDefaults } from '../../server/network-approval/proxy-environment.js';

const ports = { httpPort: 1111, socksPort: 2222 };

t.test('every variable of the protocol is set, and nothing else (docs/protocol/network.md §2)', async (t) => {
  const env = proxyEnvironment({ allowLocalBinding: false, enableSocks5: true }, ports);
  t.equal(Object.keys(env).length, 34);
  const valued = (value: string): string[] => Object.keys(env).filter((name) => env[name] === value);
  t.equal(valued('http://127.0.0.1:1111').length, 21);
  t.strictSame(valued('socks5h://127.0.0.1:2222'), ['ALL_PROXY', 'all_proxy', 'FTP_PROXY', 'ftp_proxy']);
  t.strictSame(valued(''), ['NO_PROXY', 'no_proxy', 'NPM_CONFIG_NOPROXY', 'npm_config_noproxy', 'BUNDLE_NO_PROXY']);
  t.match(env, {
    CODEX_NETWORK_PROXY_ACTIVE: '1',
    CODEX_NETWORK_ALLOW_LOCAL_BINDING: '0',
    ELECTRON_GET_USE_PROXY: 'true',
    NODE_USE_ENV_PROXY: '1',
  });
});

t.test('with interception every variable for roots names the bundle, those of 0.171 included', async (t) => {
  const env = proxyEnvironment({ allowLocalBinding: false, enableSocks5: true }, ports, '/bundle.pem');
  const named = Object.keys(env).filter((name) => env[name] === '/bundle.pem');
  t.equal(named.length, 13);
  for (const name of ['SSL_CERT_FILE', 'CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE', 'DENO_CERT'])
    t.ok(named.includes(name), name);
});

t.test('without SOCKS its variables name the HTTP proxy', async (t) => {
  const env = proxyEnvironment({ allowLocalBinding: false, enableSocks5: false }, ports);
  t.equal(env['ALL_PROXY'], 'http://127.0.0.1:1111');
  t.equal(env['ftp_proxy'], 'http://127.0.0.1:1111');
});

t.test('with local binding, clients reach local addresses without the proxy', async (t) => {
  const env = proxyEnvironment({ allowLocalBinding: true, enableSocks5: true }, ports);
  t.equal(env['NO_PROXY'], 'localhost,127.0.0.1,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16');
  t.equal(env['CODEX_NETWORK_ALLOW_LOCAL_BINDING'], '1');
});

t.test('defaults against update checks never name a proxy or a variable of the protocol', async (t) => {
  const env = proxyEnvironment({ allowLocalBinding: false, enableSocks5: true }, ports, '/bundle.pem');
  for (const name of Object.keys(quietDefaults())) t.notOk(Object.hasOwn(env, name), name);
  t.match(quietDefaults(), { npm_config_update_notifier: 'false', PIP_DISABLE_PIP_VERSION_CHECK: '1' });
});
