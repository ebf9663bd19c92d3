import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { writeProvider } from '../../../server/services/models/write-provider.js';
import { listModelProviders } from '../../../server/services/models/model-provider-list.js';
import type { ConfigService } from '../../../server/config/settings/config-service.js';
import { makeHome } from '../../config/home.js';

const CONFIG = `# top
model = "m" # keep

[model_providers.mock] # mine
name = "Mock"
base_url = "http://127.0.0.1:9/v1"

[model_providers.own]
name = "Own"
base_url = "http://127.0.0.1:9/v1"
http_headers = { x = "y" }
`;

type Settings = Parameters<typeof writeProvider>[2]['settings'];
const gateway = (members: object): Settings =>
  ({ type: 'customGateway', providerId: null, ...members }) as unknown as Settings;
const write = (source: ConfigService, members: object) => writeProvider(source, {}, { settings: gateway(members) });
const refusal = (config_write_error_code: string, message: string) => ({
  rpcCode: -32600,
  message,
  data: { config_write_error_code },
});

t.test('a new gateway gets an id from its name, and is appended to the file', async (t) => {
  const { source, home } = makeHome(t, { config: CONFIG });
  const made = await write(source, { name: ' Team Gateway ', baseUrl: ' https://gw.example/v1 ', envKey: 'TEAM_KEY' });
  t.same(made.provider, {
    id: 'team-gateway',
    name: 'Team Gateway',
    canEdit: true,
    baseUrl: 'https://gw.example/v1',
    settings: { type: 'customGateway', auth: { mode: 'environmentVariable', envKey: 'TEAM_KEY' } },
  });
  const text = fs.readFileSync(path.join(home, 'config.toml'), 'utf8');
  t.equal(
    text,
    `${CONFIG}\n[model_providers.team-gateway]\nbase_url = "https://gw.example/v1"\nenv_key = "TEAM_KEY"\nname = "Team Gateway"\nwire_api = "responses"\n`,
  );
  for (const [name, id] of [
    ['Team Gateway', 'team-gateway-2'],
    ['Ünï & co!', 'n-co'],
    ['日本', 'custom'],
    ['中国', 'custom-2'],
    ['--A__b..c--', 'a-b-c'],
  ])
    t.equal((await write(source, { name, baseUrl: 'https://x/v1' })).provider.id, id);
});

t.test('two gateways of one name at the same time are two', async (t) => {
  const { source } = makeHome(t, { config: CONFIG });
  const both = await Promise.all([1, 2, 3].map(() => write(source, { name: 'Q', baseUrl: 'https://x/v1' })));
  t.same(both.map(({ provider }) => provider.id).sort(), ['q', 'q-2', 'q-3']);
});

t.test('values that cannot be used are refused, and the file stays', async (t) => {
  const { source, home } = makeHome(t, { config: CONFIG });
  const invalid = (message: string) => refusal('configValidationError', message);
  const url = invalid('Enter an HTTP(S) base URL without credentials, a query, or a fragment.');
  const variable = invalid('Invalid API key environment variable name.');
  const good = { name: 'N', baseUrl: 'https://x/v1' };
  await t.rejects(write(source, {}), invalid('Enter a provider name.'));
  await t.rejects(write(source, { ...good, name: '  ' }), invalid('Enter a provider name.'));
  await t.rejects(write(source, { name: 'N' }), invalid('A base URL is required to create a custom provider.'));
  for (const baseUrl of [
    '',
    'nope',
    'ftp://x/v1',
    'https://u:p@x/v1',
    'https://x/v1?a=b',
    'https://x/v1#f',
    'https://x/?',
  ])
    await t.rejects(write(source, { ...good, baseUrl }), url, baseUrl);
  for (const envKey of ['', 'A B', '1A=B']) await t.rejects(write(source, { ...good, envKey }), variable, envKey);
  await t.rejects(
    write(source, { ...good, name: 'OpenAI' }),
    invalid('This name is reserved for a built-in provider. Enter a different custom provider name.'),
  );
  await t.rejects(
    write(source, { providerId: 'nope', name: 'A' }),
    refusal('configPathNotFound', 'Unknown provider ID.'),
  );
  await t.rejects(write(source, { providerId: '', name: 'A' }), refusal('configPathNotFound', 'Unknown provider ID.'));
  await t.rejects(
    write(source, { providerId: '__proto__', name: 'A' }),
    refusal('configPathNotFound', 'Unknown provider ID.'),
  );
  await t.rejects(
    write(source, { providerId: 'ollama', name: 'A' }),
    invalid('A custom provider or gateway cannot use a built-in provider ID.'),
  );
  await t.rejects(
    write(source, { providerId: 'own', envKey: null }),
    invalid('Authentication is configured externally. Omit envKey to preserve it.'),
  );
  await t.rejects(writeProvider(source, {}, { settings: { type: 'gcp', providerId: 'gcp' } as unknown as Settings }), {
    message: /^codexd does not support the provider `gcp`\./,
  });
  t.equal(fs.readFileSync(path.join(home, 'config.toml'), 'utf8'), CONFIG);
});

t.test('omitted members stay, and null removes', async (t) => {
  const { source, home } = makeHome(t, { config: CONFIG });
  const text = () => fs.readFileSync(path.join(home, 'config.toml'), 'utf8');
  t.match((await write(source, { providerId: 'mock' })).provider, { id: 'mock', name: 'Mock' });
  t.equal(text(), CONFIG);
  await write(source, { providerId: 'mock', name: 'Renamed' });
  t.equal(text(), CONFIG.replace('"Mock"', '"Renamed"'));
  t.match((await write(source, { providerId: 'mock', envKey: 'K', baseUrl: null })).provider, {
    baseUrl: null,
    settings: { auth: { mode: 'environmentVariable', envKey: 'K' } },
  });
  t.match((await write(source, { providerId: 'own', name: 'O' })).provider, {
    name: 'O',
    settings: { auth: { mode: 'externallyConfigured', envKey: null } },
  });
});

t.test('what an option of the command line sets is read-only', async (t) => {
  const overrides = ['model_providers.mock.name="Flag"', 'model_providers.all={name="A",base_url="b",env_key="C"}'];
  const { source } = makeHome(t, { config: CONFIG, flags: { overrides } });
  const readOnly = refusal('configLayerReadonly', 'This configuration field is read-only.');
  await t.rejects(write(source, { providerId: 'mock', name: 'X' }), readOnly);
  t.match((await write(source, { providerId: 'mock', baseUrl: 'https://z/v1' })).provider, {
    name: 'Flag',
    baseUrl: 'https://z/v1',
    canEdit: true,
  });
  t.match(
    listModelProviders(source, {}).data.find(({ id }) => id === 'all'),
    { canEdit: false },
  );
});

t.test('with a configuration that cannot be read, nothing is written', async (t) => {
  const { source } = makeHome(t, { config: 'model = [' });
  await t.rejects(write(source, { name: 'N', baseUrl: 'https://x/v1' }), {
    message: /^failed to load configuration: /,
  });
});
