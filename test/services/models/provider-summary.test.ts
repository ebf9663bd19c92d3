import t from 'tap';
import type { TomlTable } from '../../../server/config/toml/value.js';
import { gatewayAuth, isPlainAddress, providerSummary } from '../../../server/services/models/provider-summary.js';

const config = (p: object) => ({ table: { model_providers: { p } } as unknown as TomlTable, layers: [] });

t.test('every other way to a key than a variable is configured elsewhere', (t) => {
  const mode = (p: object) => gatewayAuth(config(p).table, 'p');
  t.same(mode({}), { mode: 'none' });
  t.same(mode({ env_key: 'K', env_key_instructions: 'i' }), { mode: 'environmentVariable', envKey: 'K' });
  for (const way of [
    { auth: { command: 'c' } },
    { experimental_bearer_token: 's' },
    { http_headers: { a: 'b' } },
    { env_http_headers: { a: 'b' } },
    { query_params: { a: 'b' } },
    { requires_openai_auth: true },
  ]) {
    t.same(mode(way), { mode: 'externallyConfigured', envKey: null });
    t.same(mode({ ...way, env_key: 'K' }), { mode: 'externallyConfigured', envKey: 'K' });
  }
  t.end();
});

t.test('an address that may have a secret in it is not shown', (t) => {
  const shown = (base_url: string) => providerSummary(config({ base_url }), 'p', {})?.baseUrl;
  t.equal(shown('https://x/v1'), 'https://x/v1');
  for (const address of ['http://user:pw@x/v1', 'http://x/v1?key=1', 'http://x#k', '', 'x'])
    t.equal(shown(address), null);
  t.notOk(isPlainAddress('file:///x'));
  t.equal(providerSummary(config({}), 'q', {}), null);
  t.end();
});
