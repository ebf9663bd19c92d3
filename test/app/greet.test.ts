/** The first notifications of a client, by a daemon's own parts without a transport. */
import fs from 'node:fs';
import t, { type Test } from 'tap';
import { daemonParts, type DaemonParts } from '../../server/app/daemon-parts.js';
import { createGreeting } from '../../server/app/greet.js';
import { once } from '../../server/app/once.js';
import { NO_OVERRIDES } from '../../server/config/layers/overrides.js';
import { createLogger } from '../../server/log/log.js';
import type { Caller } from '../../server/rpc/connection/caller.js';
import type { RpcServer } from '../../server/rpc/server.js';
import { until } from '../fixtures/until.js';

interface Told {
  readonly summary: string;
}

const client = (connectionId: number, notify: (method: string, params: unknown) => void): Caller =>
  ({ connectionId, notify }) as Partial<Caller> as Caller;

/** The notifications, until the health of the sandbox is in them. */
async function told(
  t: Test,
  config: string,
  files: Readonly<Record<string, string>> = {},
  more: Partial<DaemonParts> = {},
): Promise<readonly string[]> {
  const codexHome = fs.realpathSync(t.testdir({ 'config.toml': config, rules: files }));
  const heard: string[] = [];
  const callers: Caller[] = [];
  const stranger = client(99, () => t.fail('nobody but the greeted clients is told'));
  const parts = daemonParts({
    codexHome,
    options: {
      transports: [{ kind: 'stdio' }],
      webSocketAuth: null,
      console: null,
      socketGroup: null,
      logFilter: null,
      logFormat: null,
      config: NO_OVERRIDES,
      strictConfig: false,
      ignoresRules: false,
      sessionSource: 'vscode',
      recordTo: null,
      printStartupConfig: false,
    },
    log: await createLogger(),
    ownPorts: () => [],
    requestsInFlight: () => 0,
    listeners: () => [],
    unready: () => null,
    sandboxStatus: () => Promise.reject(new Error('nobody asks')),
    recentErrors: () => [],
    rpc: () => ({ callers: () => [...callers, stranger] }) as unknown as RpcServer,
  });
  const missing = {
    id: 'sandbox.missing',
    status: 'fail',
    what: 'the sandbox is missing',
    detail: '',
    fix: 'install it',
  } as const;
  const greet = createGreeting({ ...parts, ...more }, { problems: async () => [missing] });
  const other: string[] = [];
  const gone: string[] = [];
  for (const list of [heard, gone, other]) {
    const caller = client(callers.length, (method, params) => {
      t.equal(method, 'configWarning');
      list.push((params as Told).summary);
    });
    callers.push(caller);
    greet(caller);
  }
  // It leaves before the sandbox is looked at.
  callers.splice(1, 1);
  await until(
    () => heard.includes('the sandbox is missing'),
    () => `the last one; there came ${heard.join('; ')}`,
  );
  await until(() => other.includes('the sandbox is missing'), 'the last one of the other client');
  t.strictSame(other, heard, 'a client of the same turn gets the same');
  t.notOk(gone.includes('the sandbox is missing'), 'who has left is told nothing more');
  return heard.map((line) => line.replaceAll(codexHome, 'HOME'));
}

t.test('the state of the sandbox comes after everything else', async (t) => {
  t.strictSame(await told(t, ''), ['the sandbox is missing']);
});

t.test('rules, plugins and servers that have no effect are reported in this order', async (t) => {
  const server = '[mcp_servers.far]\ncommand = "x"\nenvironment_id = "elsewhere"\n';
  t.match(await told(t, `[plugins."gone@team"]\n${server}`, { 'bad.rules': 'nonsense(' }), [
    'Error parsing rules; one rule is not applied.',
    /gone@team/,
    /`far`/,
    'the sandbox is missing',
  ]);
});

t.test('the client is notified that the configuration cannot be read', async (t) => {
  t.strictSame(await told(t, 'broken = ['), ['Invalid configuration; using defaults.', 'the sandbox is missing']);
});

t.test('a reading that fails takes no other warning with it', async (t) => {
  const failing = once((): Promise<never> => Promise.reject(new Error('no rules today')));
  const log = { ...(await createLogger()), error: () => {} };
  t.match(await told(t, '[plugins."gone@team"]\n', {}, { ruleBook: failing, log }), [
    /gone@team/,
    'the sandbox is missing',
  ]);
});
