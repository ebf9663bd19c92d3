/** A real daemon in the test's own network, and commands in its real sandbox that attack through it. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import type { Client } from '../../../clients/typescript/index.js';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.js';
import type { Attempt, Outcome } from './attempt.js';
import { startNameServer, type NameServer, type Zone } from './dns.js';
import { startInternet, type Internet } from './internet.js';
import { HOSTILE, PUBLIC } from './world.js';

export interface Bar {
  readonly daemon: TestDaemon;
  readonly client: Client;
  readonly internet: Internet;
  readonly names: NameServer;
  /** Changes the policy for later commands. */
  configure(policy: Policy): void;
  /** Makes the attempts inside one command, all at once; the outcomes keep their order. */
  attack(attempts: readonly Attempt[]): Promise<Outcome[]>;
  /** Runs an argv as a command; returns the answer of `command/exec`. */
  run(command: readonly string[], params?: object): Promise<Awaited<ReturnType<typeof execute>>>;
}

export interface Policy {
  readonly domains?: Readonly<Record<string, 'allow' | 'deny'>>;
  /** Further keys of `[permissions.test.network]`, as TOML. */
  readonly network?: string;
  readonly onDenial?: 'refuse' | 'cancel';
  /** Tables after those, as TOML. */
  readonly more?: string;
}

const ATTACKER = path.join(path.dirname(fileURLToPath(import.meta.url)), 'attacker.js');

/** The names of every test: `ok.test` and everything below lead to a public address, `evil.test` to the hostile one. */
const NAMES: Zone = {
  'ok.test': [PUBLIC],
  '*.ok.test': [PUBLIC],
  'evil.test': [HOSTILE],
  '*.evil.test': [HOSTILE],
};

export async function startBar(t: Test, policy: Policy = {}, zone: Zone = {}): Promise<Bar> {
  const names = await startNameServer({ ...NAMES, ...zone });
  const internet = await startInternet();
  const daemon = await startDaemon({ config: configOf(policy) });
  const client = await daemon.connect();
  t.teardown(async () => {
    await daemon.stop();
    internet.close();
    names.close();
  });
  let attacks = 0;
  return {
    daemon,
    client,
    internet,
    names,
    configure: (next) => fs.writeFileSync(path.join(daemon.home, 'config.toml'), configOf(next)),
    async attack(attempts) {
      const file = path.join(daemon.work, `attack-${attacks++}.json`);
      fs.writeFileSync(file, JSON.stringify(attempts));
      const { exitCode, stdout, stderr } = await execute(client, [process.execPath, ATTACKER, file]);
      if (exitCode !== 0) throw new Error(`the hostile program ended with ${exitCode}: ${stdout}${stderr}`);
      return JSON.parse(stdout) as Outcome[];
    },
    run: (command, params) => execute(client, command, params),
  };
}

const execute = (client: Client, command: readonly string[], params: object = {}) =>
  client.request(
    'command/exec',
    { command: [...command], timeoutMs: 60_000, disableOutputCap: true, ...params },
    { timeoutMs: 70_000 },
  );

const configOf = ({ domains = { 'ok.test': 'allow' }, network = '', onDenial = 'refuse', more = '' }: Policy): string =>
  `
default_permissions = "test"
[features]
network_proxy = true
[codexd.command_exec]
on_network_denial = "${onDenial}"
[permissions.test.filesystem]
":root" = "read"
[permissions.test.network]
enabled = true
${network}
[permissions.test.network.domains]
${Object.entries(domains)
  .map(([host, verdict]) => `"${host}" = "${verdict}"`)
  .join('\n')}
${more}
`;

/** The status of an HTTP answer; for SOCKS the reply's code; null without an answer. */
export function verdictOf({ via }: Attempt, { received }: Outcome): string | null {
  if (via === 'http') return /^HTTP\/1\.[01] (\d{3})/.exec(received)?.[1] ?? null;
  if (received === '\x05\xff') return 'no method';
  return received.length > 3 ? `socks ${received.charCodeAt(3)}` : null;
}
