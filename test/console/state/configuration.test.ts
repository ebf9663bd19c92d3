import t from 'tap';
import {
  createConfiguration,
  matchingSettings,
  originText,
  readValue,
  settingsOf,
} from '../../../clients/console/state/configuration.js';
import { createOverview } from '../../../clients/console/state/overview.js';
import { fakeServer } from './fake-server.js';

const user = { name: { type: 'user', file: '/h/config.toml', profile: null }, version: 'v1' } as const;
const read = {
  config: { model: 'm', tools: null, permissions: { 'a.b': { network: { enabled: true } } }, list: [1], empty: {} },
  origins: { model: user, 'permissions.a.b': user },
  layers: [{ ...user, config: {}, disabledReason: null }],
} as never;

t.test('each value is a line with its key as it is written, and where it comes from', async (t) => {
  t.strictSame(
    settingsOf(read).map(({ key, value, origin }) => [key, value, originText(origin)]),
    [
      ['empty', {}, 'default'],
      ['list', [1], 'default'],
      ['model', 'm', '/h/config.toml'],
      ['permissions."a.b".network.enabled', true, '/h/config.toml'],
    ],
  );
  t.strictSame(
    matchingSettings(settingsOf(read), 'CONFIG.toml').map(({ key }) => key),
    ['model', 'permissions."a.b".network.enabled'],
  );
});

t.test('a write names the version that the person saw, and says what overrides it', async (t) => {
  const fake = fakeServer();
  fake.answer('config/read', read);
  fake.answer('config/value/write', { overriddenMetadata: { message: 'the administrator demands another value' } });
  const configuration = createConfiguration(fake.server);
  await configuration.refresh();
  t.equal(await configuration.write('model', 'n'), 'the administrator demands another value');
  t.strictSame(fake.requests[1]?.params, {
    keyPath: 'model',
    value: 'n',
    mergeStrategy: 'replace',
    expectedVersion: 'v1',
  });
  fake.notify('configWarning', { summary: 'w', details: null });
  fake.notify('configWarning', { summary: 'w', details: null });
  t.equal(configuration.warnings.value.length, 1, 'a new connection repeats the warnings');
});

t.test('what is typed is JSON, or a text', async (t) => {
  t.strictSame(['true', '3', '["a"]', '"quoted"', 'plain', ''].map(readValue), [true, 3, ['a'], 'quoted', 'plain', '']);
});

t.test('the overview lists connections again when they change', async (t) => {
  const fake = fakeServer();
  fake.answer('operator/overview/read', { pid: 1 });
  fake.answer('operator/connections/list', { data: [{ connectionId: 1 }] });
  const overview = createOverview(fake.server);
  await overview.refresh();
  t.match(overview.state.value, { pid: 1 });
  fake.answer('operator/connections/list', { data: [] });
  fake.notify('operator/connections/changed', {});
  await Promise.resolve();
  await Promise.resolve();
  t.strictSame(overview.connections.value, []);
});
