import http from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import type { Client } from '../../clients/typescript/index.js';
import { proxiedConfig, startDaemon } from '../fixtures/daemon.js';

/** Rounds of thirty commands; a script that wants more, however long they take, sets CODEXD_DENIAL_ROUNDS. */
const ASKED = process.env.CODEXD_DENIAL_ROUNDS;
const ROUNDS = Number(ASKED ?? 200);
/** After so many, and so long, in ms, a slow machine begins no further one. */
const FEWEST_ROUNDS = 20;
const LONG_ENOUGH_MS = ASKED === undefined ? 120_000 : Infinity;
const CONNECTIONS = 3;
const COMMANDS = 30;

/** Asks the lane's proxy for a URL with nothing but bash, prints the status line, and lives on for a while. */
const ask = (host: string, thenRun: string): string[] => [
  'bash',
  '-c',
  `exec 3<>/dev/tcp/127.0.0.1/\${HTTP_PROXY##*:}
   printf 'GET http://${host}/ HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: close\\r\\n\\r\\n' >&3
   IFS= read -r status <&3; echo "\${status%$'\\r'}"; ${thenRun}`,
];

t.setTimeout(850_000);

t.test('of thirty simultaneous commands on three connections, exactly the denied ones end with a denial', async (t) => {
  const upstream = http.createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const allowed = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const daemon = await startDaemon({
    config: proxiedConfig({ '127.0.0.1': 'allow', 'denied.test': 'deny' }),
  });
  t.teardown(async () => {
    await daemon.stop();
    upstream.closeAllConnections();
    upstream.close();
  });
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => daemon.connect()));

  const wrong: unknown[] = [];
  const began = Date.now();
  let rounds = 0;
  for (let round = 0; round < ROUNDS; round++) {
    if (round >= FEWEST_ROUNDS && Date.now() - began > LONG_ENOUGH_MS) break;
    rounds++;
    const outcomes = Array.from({ length: COMMANDS }, async (_, index) => {
      const client = clients[index % CONNECTIONS] as Client;
      // Which ones are denied changes from round to round; a third asks for a host on no list, a third for a denied
      // one.
      const kind =
        (['allowed', 'unlisted', 'denied'] as const)[(index + round + ((index * round) % 7)) % 3] ?? 'allowed';
      const host = { allowed, unlisted: 'unlisted.test', denied: 'denied.test' }[kind];
      const command = ask(host, kind === 'allowed' ? 'sleep 0.05; echo done' : 'sleep 60');
      const asked = client.request('command/exec', { command, timeoutMs: 50_000 }, { timeoutMs: 60_000 });
      const result = await asked.catch((error: unknown) => {
        wrong.push({ round, index, kind, error: String(error) });
        return null;
      });
      if (result === null) return;
      const right =
        kind === 'allowed'
          ? result.exitCode === 0 && result.stdout === 'HTTP/1.1 200 OK\ndone\n' && !result.networkDenial
          : result.exitCode === 137 &&
            result.stdout === '' &&
            result.networkDenial?.host === host &&
            result.networkDenial.reason === (kind === 'denied' ? 'denied' : 'not_allowed');
      if (!right) wrong.push({ round, index, kind, result });
    });
    await Promise.all(outcomes);
    if (wrong.length) break;
  }
  t.strictSame(wrong, [], `${rounds} rounds`);
});
