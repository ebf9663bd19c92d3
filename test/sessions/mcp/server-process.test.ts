import t from 'tap';
import { UNRESTRICTED } from '../../../server/exec/start/permissions.js';
import {
  serverEnvironment,
  serverOwner,
  startServerProcess,
  type ServerProcessOptions,
} from '../../../server/sessions/mcp/server-process.js';
import type { StdioTransport } from '../../../server/sessions/mcp/shape/server-config.js';
import { configOf, fakeDaemon, fakeWorks } from './support.js';

const start = (
  daemon: ReturnType<typeof fakeDaemon>,
  more = '',
  gone = new AbortController().signal,
  changes: Partial<ServerProcessOptions> = {},
) => {
  const config = configOf(more);
  const options = {
    ...daemon,
    cwd: '/work',
    permissions: UNRESTRICTED,
    owner: serverOwner('srv', 'thread'),
    workNow: fakeWorks().now,
    patienceMs: 60_000,
    gone,
    ...changes,
  };
  return startServerProcess(config, config.transport as StdioTransport, options);
};

t.test('it runs as it is configured, below the thread, with a short list of variables', async (t) => {
  const daemon = fakeDaemon();
  await start(daemon, 'args = ["a", "b"]\nenv = { OWN = "o", HOME = "/other" }\nenv_vars = ["EXTRA", "NOT_SET"]');
  const [{ spec }] = daemon.runs as [(typeof daemon.runs)[0]];
  t.match(spec, {
    argv: ['server', 'a', 'b'],
    cwd: '/work',
    timeoutMs: null,
    owner: { kind: 'thread', threadId: 'thread', mcpServer: 'srv' },
  });
  t.same({ ...spec.env }, { PATH: '/bin', HOME: '/other', OWN: 'o', EXTRA: 'e' });
  await start(daemon, 'cwd = "/else"');
  t.equal(daemon.runs[1]?.spec.cwd, '/else');
});

t.test('no secret of the daemon is among the variables', async (t) => {
  const env = serverEnvironment(
    { env: {}, envVars: [] },
    { PATH: 'p', CODEX_HOME: 'c', OPENAI_API_KEY: 'k', LANG: 'l' },
  );
  t.same({ ...env }, { PATH: 'p', LANG: 'l' });
});

t.test('what is written before anybody listens is not lost, and the end is reported', async (t) => {
  const daemon = fakeDaemon();
  const pipe = await start(daemon);
  daemon.runs[0]?.server.raw('early ');
  const seen: string[] = [];
  let ends = 0;
  pipe.listen(
    (piece) => void seen.push(piece.toString()),
    () => void ends++,
  );
  daemon.runs[0]?.server.raw('late');
  t.equal(seen.join(''), 'early late');
  daemon.runs[0]?.die();
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(ends, 1);
});

t.test('it ends with its input, and by force when it does not', async (t) => {
  const polite = fakeDaemon();
  await (await start(polite)).close();
  t.equal(polite.runs[0]?.end, 'stdin');
  const stubborn = fakeDaemon(undefined, { stays: true });
  await (await start(stubborn)).close();
  t.equal(stubborn.runs[0]?.end, 'terminate');
  const gone = new AbortController();
  const left = fakeDaemon(undefined, { stays: true });
  await start(left, '', gone.signal);
  gone.abort();
  t.equal(left.runs[0]?.end, 'gone');
});

t.test('what it says on standard error is in the log under its name, in lines that have an end', async (t) => {
  const daemon = fakeDaemon();
  await start(daemon);
  const { stderr } = daemon.runs[0]!.spec;
  void stderr.push(Buffer.from('one\ntw'));
  void stderr.push(Buffer.from('o\n\n'));
  void stderr.push(Buffer.alloc(5_000, 'x'));
  t.same(daemon.lines.slice(0, 2), ['MCP server srv: one', 'MCP server srv: two']);
  t.equal(daemon.lines[2]?.length, 'MCP server srv: '.length + 2_000);
});
