import http from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { noRequirements } from '../../../server/config/requirements/requirements.js';
import type { TomlTable } from '../../../server/config/toml/value.js';
import { silentLogger } from '../../../server/log/log.js';
import { createServedLists } from '../../../server/services/models/served-lists.js';
import { providerSettings, type ProviderSettings } from '../../../server/sessions/model/provider/provider-settings.js';

interface Server {
  readonly url: string;
  asked: number;
  status: number;
  names: string[];
}

async function startServer(t: Test): Promise<Server> {
  const state = { asked: 0, status: 200, names: ['a'] };
  const server = http.createServer((_request, response) => {
    served.asked++;
    response.writeHead(served.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ data: served.names.map((id) => ({ id })) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const served: Server = { ...state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  return served;
}

const settingsOf = (provider: object): ProviderSettings =>
  providerSettings({ model_providers: { p: provider } } as unknown as TomlTable, 'p', {})!;

/** The lists of a daemon whose proxy is the server, so that hosts elsewhere are the server. */
function listsOf(server: Server) {
  let clock = 0;
  const lists = createServedLists({
    codexHome: '/nowhere',
    env: { HTTP_PROXY: server.url },
    modelRequirements: () => noRequirements('none').modelRequirements,
    log: silentLogger,
    now: () => clock,
  });
  return { lists, pass: (ms: number) => (clock += ms) };
}

t.test('the list of a server elsewhere is kept for five minutes, and for other settings it is another', async (t) => {
  const server = await startServer(t);
  const { lists, pass } = listsOf(server);
  const far = settingsOf({ base_url: 'http://models.example/v1' });
  t.same(await lists.of(far), ['a']);
  server.names = ['b'];
  t.same(await Promise.all([lists.of(far), lists.of(far)]), [['a'], ['a']]);
  t.equal(server.asked, 1);
  t.same(await lists.of(settingsOf({ base_url: 'http://models.example/v2' })), ['b']);
  t.equal(server.asked, 2);
  pass(300_000);
  t.same(await lists.of(far), ['b']);
  t.equal(server.asked, 3);
});

t.test('two that ask at the same time ask the server once', async (t) => {
  const server = await startServer(t);
  const { lists } = listsOf(server);
  const far = settingsOf({ base_url: 'http://models.example/v1' });
  t.same(await Promise.all([lists.of(far), lists.of(far)]), [['a'], ['a']]);
  t.equal(server.asked, 1);
});

t.test('a server that fails keeps its last list, and is left alone for half a minute', async (t) => {
  const server = await startServer(t);
  const { lists, pass } = listsOf(server);
  const far = settingsOf({ base_url: 'http://models.example/v1' });
  await lists.of(far);
  server.status = 500;
  pass(300_000);
  t.same(await lists.of(far), ['a']);
  t.same(await lists.of(far), ['a']);
  t.equal(server.asked, 2);
  server.status = 200;
  server.names = [];
  pass(30_000);
  t.same(await lists.of(far), []);
});

t.test('OpenAI, cassettes and providers without an address are not asked', async (t) => {
  const server = await startServer(t);
  const { lists } = listsOf(server);
  for (const provider of [
    { base_url: 'http://models.example/v1', requires_openai_auth: true },
    { base_url: 'http://models.example/v1', wire_api: 'replay' },
    {},
  ])
    t.same(await lists.of(settingsOf(provider)), []);
  t.equal(server.asked, 0);
});
