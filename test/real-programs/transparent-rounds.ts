/**
 * Rounds of denied commands beside neighbours, all in lanes for `transparent_tcp` of one daemon. A denial must end
 * exactly its command: the neighbours, which use the network all the while, finish with what they asked for.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { startDaemon } from '../fixtures/daemon.js';
import { PYTHON } from '../fixtures/python.js';

const CONFIG = `
default_permissions = "rounds"
[permissions.rounds]
extends = ":read-only"
[permissions.rounds.network]
enabled = true
allow_local_binding = true
transparent_tcp = true
[permissions.rounds.network.domains]
"localhost" = "allow"
[features.network_proxy]
enabled = true
`;

/** Asks for `localhost` itself, which the system finds in a file, and speaks to the server again and again. */
const NEIGHBOUR = `
import socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(30)
s.sendto(struct.pack(">6H", 7, 256, 1, 0, 0, 0) + b"\\x09localhost\\0\\0\\1\\0\\1", ("127.0.0.53", 53))
address = ".".join(map(str, s.recv(600)[-4:]))
for i in range(5):
    with socket.create_connection((address, int(sys.argv[1])), 30) as c:
        word = "%s %d" % (sys.argv[2], i)
        c.sendall(word.encode() + b"\\n")
        got = c.makefile().readline().strip()
        assert got == "you said " + word, got
print("done", sys.argv[2])
`;
const DENIED: readonly ((port: number) => readonly string[])[] = [
  (port) => ['bash', '-c', `echo before; exec 3<>/dev/tcp/denied.example/${port}; cat <&3; sleep 600`],
  (port) => [
    PYTHON,
    '-c',
    `import socket, time; s = socket.create_connection(("denied.example", ${port})); print(s.recv(9)); time.sleep(600)`,
  ],
  () => ['bash', '-c', 'exec 3<>/dev/tcp/203.0.113.9/22; cat <&3; sleep 600'],
  (port) => ['bash', '-c', `(exec 3<>/dev/tcp/2001:db8::1/${port}; cat <&3) & sleep 600`],
];

interface Result {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly networkDenial?: { readonly host: string } | null;
}

/** Returns the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...words],
    options: { rounds: { type: 'string', default: '100' }, neighbours: { type: 'string', default: '20' } },
  });
  const [rounds, neighbours] = [Number(values.rounds), Number(values.neighbours)];
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => socket.end(`you said ${data.toString()}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const daemon = await startDaemon({ config: CONFIG });
  const client = await daemon.connect({ experimentalApi: true });
  const exec = (command: readonly string[]): Promise<Result> =>
    client.request('command/exec', { command: [...command] });
  const counts = { denied: 0, neighbours: 0, wrong: 0 };
  const took: number[] = [];
  const wrong = (what: string, result: Result): void => {
    counts.wrong++;
    console.error(what, JSON.stringify(result));
  };
  const started = performance.now();
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    const command = DENIED[round % DENIED.length]!(port);
    const beside = Array.from({ length: neighbours }, async (_, index) => {
      const name = `${round}.${index}`;
      const result = await exec([PYTHON, '-c', NEIGHBOUR, String(port), name]);
      const isWhole = result.exitCode === 0 && result.stdout === `done ${name}\n` && !result.networkDenial;
      if (isWhole) counts.neighbours++;
      else wrong(`neighbour ${name}`, result);
    });
    const denied = await exec(command);
    const host = denied.networkDenial?.host ?? 'none';
    if (command.join(' ').includes(host)) counts.denied++;
    else wrong(`denied command of round ${round}`, denied);
    await Promise.all(beside);
    took.push(performance.now() - begun);
  }
  const seconds = (performance.now() - started) / 1000;
  took.sort((a, b) => a - b);
  const pid = daemon.process.pid ?? 0;
  const [, rss = '?'] = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  console.log(
    `${rounds} rounds in ${seconds.toFixed(0)} s: ${counts.denied} commands ended by their denial, ${counts.neighbours} neighbours whole, ${counts.wrong} wrong;`,
    `a round takes ${took[0]?.toFixed(0)} ms at least, ${took[took.length >> 1]?.toFixed(0)} in the middle;`,
    `the daemon has ${(Number(rss) / 1024).toFixed(0)} MiB and ${fs.readdirSync(`/proc/${pid}/fd`).length} descriptors`,
  );
  void client.close();
  await daemon.stop();
  server.close();
  return counts.wrong === 0 && counts.denied === rounds && counts.neighbours === rounds * neighbours ? 0 : 1;
}
