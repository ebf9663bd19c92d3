/** Secrets are left out by their place: some on the wire, all of them for people. */
import t from 'tap';
import { readConfig } from '../../../server/config/handlers/config-read.js';
import { createFeatureSwitches } from '../../../server/config/settings/feature-switches.js';
import { configShape } from '../../../server/config/shape/config-shape.js';
import { redacted } from '../../../server/config/shape/redact.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { toJson } from '../../../server/config/toml/value.js';
import { makeHome } from '../home.js';
import { tablesOf } from './walk.js';

const FILE = `
[model_providers.a]
name = "a"
base_url = "https://user:SECRET@h.test/v1?api_key=SECRET&x=plain"
experimental_bearer_token = "SECRET"
http_headers = { Authorization = "SECRET" }
query_params = { key = "SECRET" }
env_http_headers = { "x-a" = "NAME_OF_VARIABLE" }
[mcp_servers.m]
command = "x"
args = ["--token", "SECRET", "--api-key=SECRET", "--port", "8080"]
env = { KEY = "SECRET" }
auth_token = "SECRET"
[mcp_servers.h]
url = "https://h.test/mcp"
bearer_token_env_var = "NAME_OF_VARIABLE"
http_headers = { "x-key" = "SECRET" }
oauth = { client_id = "plain", client_secret = "SECRET" }
[otel]
exporter = { otlp-http = { endpoint = "https://h.test", protocol = "binary", headers = { "x-key" = "WIRE-SECRET" } } }
trace_exporter = { otlp-grpc = { endpoint = "https://h.test", headers = { "x-key" = "WIRE-SECRET" } } }
[shell_environment_policy]
set = { A = "SECRET" }
[profiles.p]
model = "plain"
`;

void t.test('for people: every place of a secret, and no other place', (t) => {
  const shown = JSON.stringify(toJson(redacted(parseToml(FILE), configShape(), 'people')));
  t.notMatch(shown, 'SECRET');
  for (const plain of [
    'NAME_OF_VARIABLE',
    '--port',
    '8080',
    'plain',
    'https://h.test/mcp',
    'Authorization',
    '&x=plain',
  ])
    t.match(shown, plain);
  t.end();
});

void t.test(
  'on the wire: the values that clients expect to be hidden, in the effective values and in the layers',
  (t) => {
    const h = makeHome(t, { config: FILE });
    const answer = readConfig(h.source, createFeatureSwitches(), { includeLayers: true, cwd: null });
    const text = JSON.stringify(answer);
    t.notMatch(text, 'WIRE-SECRET');
    t.equal(text.split('"x-key":"[redacted]"').length - 1, 4);
    t.match(text, '"experimental_bearer_token":"SECRET"', 'clients that write the file back need the others');
    t.match(h.source.resolve().effective.table.otel, {
      trace_exporter: { 'otlp-grpc': { headers: { 'x-key': 'WIRE-SECRET' } } },
    });
    t.end();
  },
);

void t.test('a key whose name looks like a secret is one, or contains the name of a variable', (t) => {
  const open = ['env_key', 'env_key_instructions', 'bearer_token_env_var', 'tokens'];
  for (const { path, table } of tablesOf(configShape())) {
    for (const [key, field] of Object.entries(table?.fields ?? {})) {
      if (!/(secret|token|password|bearer|(?<!env_)http_headers|^headers)$/.test(key) || field.kind === 'boolean')
        continue;
      if (field.kind === 'table' && field.name === 'HookSecretToml') continue; // the place of a secret
      t.ok(field.secret !== undefined || open.includes(key) || path.startsWith('tui'), `${path}.${key}`);
    }
  }
  t.end();
});
