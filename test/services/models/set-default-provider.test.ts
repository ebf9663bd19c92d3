import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { listModelProviders } from '../../../server/services/models/model-provider-list.js';
import { setDefaultProvider } from '../../../server/services/models/set-default-provider.js';
import { makeHome } from '../../config/home.js';

const TWO = `# mine
model = "m"

[model_providers.one]
name = "One" # the first
base_url = "http://127.0.0.1:1/v1"
`;

t.test('the default provider is written, and holds at once', async (t) => {
  const { source, home } = makeHome(t, { config: TWO });
  const file = path.join(home, 'config.toml');
  t.match(listModelProviders(source, {}), { defaultProviderId: 'openai', canChangeDefault: true });
  const result = await setDefaultProvider(source, {}, { providerId: 'one' });
  t.match(result, { status: 'ok', filePath: file, overriddenMetadata: null });
  t.equal(fs.readFileSync(file, 'utf8'), TWO.replace('model = "m"\n', 'model = "m"\nmodel_provider = "one"\n'));
  t.match(listModelProviders(source, {}), { defaultProviderId: 'one', canChangeDefault: true });
  await setDefaultProvider(source, {}, { providerId: 'openai' });
  t.match(fs.readFileSync(file, 'utf8'), 'model_provider = "openai"', 'a built-in one is written as well');
});

t.test('a provider that is not configured is refused, and the file stays', async (t) => {
  const { source, home } = makeHome(t, { config: TWO });
  for (const providerId of ['nope', ''])
    await t.rejects(setDefaultProvider(source, {}, { providerId }), {
      rpcCode: -32600,
      message: `Model provider \`${providerId}\` is not configured.`,
      data: { config_write_error_code: 'configValidationError' },
    });
  t.equal(fs.readFileSync(path.join(home, 'config.toml'), 'utf8'), TWO);
});

t.test('an option of the command line stays in force', async (t) => {
  const { source } = makeHome(t, { config: TWO, flags: { overrides: ['model_provider="one"'] } });
  t.match(listModelProviders(source, {}), { defaultProviderId: 'one', canChangeDefault: false });
  const result = await setDefaultProvider(source, {}, { providerId: 'openai' });
  t.match(result, {
    status: 'okOverridden',
    overriddenMetadata: {
      message: 'Overridden by session flags',
      overridingLayer: { name: { type: 'sessionFlags' } },
      effectiveValue: 'one',
    },
  });
});
