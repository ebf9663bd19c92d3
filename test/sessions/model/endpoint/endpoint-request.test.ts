/** The address and the headers of a request, from what the configuration says. */
import t from 'tap';
import { noRequirements } from '../../../../server/config/requirements/requirements.js';
import type { TomlTable } from '../../../../server/config/toml/value.js';
import {
  prepareRequest,
  redirected,
  type EndpointOptions,
} from '../../../../server/sessions/model/endpoint/endpoint-request.js';
import { providerSettings } from '../../../../server/sessions/model/provider/provider-settings.js';
import { table } from '../support.js';

const ENV = { KEY: 'k', TEAM: ' tools ', BLANK: ' ' };

function options(provider: TomlTable): EndpointOptions {
  return {
    settings: providerSettings(table(provider), 'mock', ENV)!,
    env: ENV,
    codexHome: '/nowhere',
    modelRequirements: () => noRequirements('none').modelRequirements,
  };
}
const urlOf = async (provider: TomlTable): Promise<string> =>
  (await prepareRequest(options(provider), '/responses')).url.href;

t.test('a query stays behind the path, and parameters are added to it', async (t) => {
  const base = 'https://models.example.com/openai/v1';
  const query_params = { 'api-version': '2026-01-01', b: 'x y' };
  for (const [base_url, more, url] of [
    [base, {}, `${base}/responses`],
    [`${base}///`, {}, `${base}/responses`],
    [`${base}?api-version=1`, {}, `${base}/responses?api-version=1`],
    [`${base}/?api-version=1&c=2`, {}, `${base}/responses?api-version=1&c=2`],
    [base, { query_params }, `${base}/responses?api-version=2026-01-01&b=x+y`],
    [`${base}?api-version=1&c=2`, { query_params }, `${base}/responses?api-version=2026-01-01&c=2&b=x+y`],
  ] as const)
    t.equal(await urlOf({ base_url, ...more }), url);
  for (const base_url of ['', 'models.example.com', 'file:///etc/passwd', 'ftp://x/'])
    await t.rejects(urlOf({ base_url }), /base_url must be an http or https address/);
});

t.test('headers: a variable before a text, a key before both, nothing for what is not set', async (t) => {
  const provider = {
    base_url: 'https://models.example.com/v1',
    http_headers: { Authorization: 'Bearer header', 'X-Team': 'text', 'X-Other': 'o' },
    env_http_headers: { 'X-TEAM': 'TEAM', 'x-blank': 'BLANK', 'x-unset': 'UNSET' },
  };
  const { headers } = await prepareRequest(options(provider), '/responses');
  t.strictSame(headers, { authorization: 'Bearer header', 'x-team': 'tools', 'x-other': 'o' });
  const keyed = await prepareRequest(options({ ...provider, env_key: 'KEY' }), '/responses');
  t.equal(keyed.headers.authorization, 'Bearer k');
  await t.rejects(prepareRequest(options({ ...provider, env_key: 'UNSET' }), '/responses'), /Missing environment/);
});

t.test('another host gets neither the key nor the headers', async (t) => {
  const asked = options({ base_url: 'https://models.example.com/v1', env_key: 'KEY', http_headers: { a: 'b' } });
  const request = await prepareRequest(asked, '/responses');
  t.strictSame(redirected(asked, request, '/v2/responses?x=1').headers, request.headers);
  t.strictSame(redirected(asked, request, 'https://other.example.com/').headers, {});
  t.throws(() => redirected(asked, request, 'http://models.example.com/'), /not encrypted/);
  t.throws(() => redirected(asked, request, 'file:///x'), /neither http nor https/);
});
