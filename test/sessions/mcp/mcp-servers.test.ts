import t from 'tap';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { createMcpServers } from '../../../server/sessions/mcp/mcp-servers.js';
import { mcpServerConfigs } from '../../../server/sessions/mcp/shape/server-config.js';
import { fakeServer } from '../../fixtures/mcp-server.js';
import { fakeDaemon, fakeHost } from './support.js';

const HANGS = 'startup_timeout_sec = 5';
function made(config: string, patienceMs: number | null = null) {
  const state = { config };
  const host = fakeHost();
  const daemon = fakeDaemon(({ argv: [program] }) =>
    program === 'hangs' ? fakeServer({ initialize: () => undefined }) : fakeServer(),
  );
  const servers = createMcpServers({
    daemon,
    host: {
      ...host,
      cwd: () => '/work',
      configs: () => mcpServerConfigs(parseToml(state.config)),
      patienceMs: () => patienceMs,
    },
  });
  t.teardown(() => servers.end());
  return { servers, daemon, host, state, names: () => servers.list.map(({ config: { name } }) => name) };
}
const table = (name: string, more = '', command = 'works'): string =>
  `[mcp_servers.${name}]\ncommand = "${command}"\n${more}\n`;
const signal = () => new AbortController().signal;

t.test('those that are on start once, and the notifications wait', async (t) => {
  const { servers, daemon, host, names } = made(table('b') + table('a') + table('off', 'enabled = false'));
  servers.begin();
  servers.begin();
  t.same(names(), ['a', 'b']);
  t.equal(servers.held, 2);
  await Promise.all(servers.list.map((server) => server.settled()));
  t.equal(daemon.runs.length, 2);
  t.same(host.notes, []);
  servers.tellNotes();
  t.equal(host.notes.length, 4);
  t.equal(servers.find('off'), null);
});

t.test('a thread without servers starts nothing, and waits for nothing', async (t) => {
  const { servers, daemon } = made('');
  await servers.ready(signal());
  t.notOk(servers.hasRequired);
  t.equal(servers.held, 0);
  t.equal(daemon.runs.length, 0);
});

t.test('a turn waits for servers that start, for the configured time, and not when it was ended', async (t) => {
  const patient = made(table('slow', HANGS, 'hangs'), 30);
  await patient.servers.ready(signal());
  t.equal(patient.servers.list[0]?.status, 'starting', 'its time is over');
  const ended = new AbortController();
  const waiting = made(table('slow', HANGS, 'hangs')).servers.ready(ended.signal);
  ended.abort(new Error('interrupted'));
  await t.rejects(waiting, /interrupted/);
});

t.test('what a thread cannot be without is named with its cause', async (t) => {
  const { servers } = made(
    table('must', 'required = true\nstartup_timeout_sec = 0.05', 'hangs') +
      table('may', '', 'hangs') +
      table('works', 'required = true'),
  );
  t.ok(servers.hasRequired);
  t.same(await servers.missing(), ['must: timed out handshaking with MCP server after 0.05s']);
});

t.test('another configuration keeps what is the same, ends what is gone, and starts what is new', async (t) => {
  const { servers, daemon, state, names } = made(table('same') + table('changed') + table('gone'));
  await servers.ready(signal());
  const [changed, gone, same] = servers.list;
  state.config = table('same') + table('changed', 'args = ["x"]') + table('new');
  servers.reload();
  await servers.ready(signal());
  t.same(names(), ['changed', 'new', 'same']);
  t.equal(servers.find('same'), same);
  t.not(servers.find('changed'), changed);
  await Promise.all([changed?.close(), gone?.close()]);
  t.equal(daemon.runs.filter(({ end }) => end === 'running').length, 3);
});

t.test('closing it ends all of them, also those that start, and none begins from then on', async (t) => {
  const { servers, daemon } = made(table('a') + table('slow', HANGS, 'hangs'), 30);
  await servers.ready(signal());
  servers.close();
  t.equal(servers.held, 0);
  await servers.end();
  t.same(
    daemon.runs.filter(({ end }) => end === 'running'),
    [],
  );
  servers.reload();
  await servers.ready(signal());
  t.equal(daemon.runs.length, 2);
});
