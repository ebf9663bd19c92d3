import t from 'tap';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { createMcpServer } from '../../../server/sessions/mcp/mcp-server.js';
import { wireStatus } from '../../../server/sessions/mcp/server-status.js';
import { mcpServerConfigs } from '../../../server/sessions/mcp/shape/server-config.js';
import { fakeServer } from '../../fixtures/mcp-server.js';
import { configOf, fakeDaemon, fakeHost, noLogins } from './support.js';

const logins = noLogins('oAuth');

t.test('a server that runs is listed with its tools and its resources', async (t) => {
  const config = configOf('disabled_tools = ["off"]');
  const answers = {
    'tools/list': () => ({ tools: [{ name: 'on' }, { name: 'off' }] }),
    'resources/list': ({ cursor }: { cursor?: string }) => ({
      resources: [{ uri: cursor ?? 'first', name: 'r' }, { odd: 1 }],
      nextCursor: cursor === undefined ? 'second' : 'second',
    }),
  };
  const server = createMcpServer(
    config,
    fakeDaemon(() => fakeServer(answers)),
    fakeHost(),
  );
  server.start();
  await server.settled();
  const status = await wireStatus(config, server, { ofThread: true, full: true, logins });
  t.match(status, {
    name: 'srv',
    environmentId: null,
    runtimeStatus: 'connected',
    toolsError: null,
    authStatus: 'oAuth',
  });
  t.same(Object.keys(status.tools), ['on']);
  t.same(status.tools.on?.inputSchema, {}, 'a tool without a schema takes anything');
  t.same(
    status.resources.map(({ uri }) => uri),
    ['first', 'second'],
    'a cursor that leads in a circle ends the list',
  );
  t.same(status.resourceTemplates, [], 'what the server cannot list is nothing');
  t.same((await wireStatus(config, server, { ofThread: false, full: false, logins })).resources, []);
  await server.close();
});

t.test('one that does not run is listed with its state', async (t) => {
  const of = (toml: string) => mcpServerConfigs(parseToml(toml))[0]!;
  const told = (toml: string) => wireStatus(of(toml), null, { ofThread: true, full: true, logins });
  t.match(await told('[mcp_servers.a]\ncommand = "x"'), {
    runtimeStatus: 'notStarted',
    httpOrigin: null,
  });
  t.match(await told('[mcp_servers.a]\ncommand = "x"\nenabled = false'), { runtimeStatus: 'disabled' });
  t.match(await told('[mcp_servers.a]\nurl = "https://h.test:8/mcp"'), {
    httpOrigin: 'https://h.test:8',
    authStatus: 'oAuth',
  });
});
