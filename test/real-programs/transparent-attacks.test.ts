/** What a hostile command tries in a lane for `transparent_tcp`, in the real sandbox. */
import { once } from 'node:events';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { needsPython, PYTHON } from '../fixtures/python.js';
import { scratchFolder } from '../network-approval/support/certificates.js';
import { HOSTS, transparentCommands } from './support.js';

if (process.platform !== 'linux') t.bailout('lanes are network namespaces: they exist on Linux only');
t.setTimeout(300_000);

const run = transparentCommands(t);
const TOKEN = 'a server of the host';

/** A server on the host's loopback, which counts its clients. */
async function host(t: Test) {
  let clients = 0;
  const server = net.createServer((socket) => {
    clients++;
    socket.on('error', () => {}).end(TOKEN);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  return { port: (server.address() as AddressInfo).port, clients: () => clients };
}

const python = (text: string, ...words: readonly (string | number)[]): string =>
  `${PYTHON} -c "$(cat <<'END'\n${text}\nEND\n)" ${words.join(' ')}`;

const RESET = 'Connection reset by peer';
const REFUSED = 'Connection refused';
const CLOSED = /^(?:Operation not permitted|Permission denied|Read-only file system|failed)$/;
const EXPECTED: Readonly<Record<string, string | RegExp>> = {
  // The command's own loopback, where nothing listens.
  ...Object.fromEntries(
    ['127.0.0.1', '127.9.9.9', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1'].map((own) => [`tcp ${own}`, REFUSED]),
  ),
  ...Object.fromEntries(['2130706433', '0177.0.0.1', '0x7f.1'].map((own) => [`written as ${own}`, REFUSED])),
  'tcp 224.0.0.1': /Invalid|unreachable/,
  'tcp 255.255.255.255': /Invalid|unreachable/,
  'tcp fe80::1': /Invalid|unreachable/,
  'tcp ff02::1': /Invalid|unreachable/,
  'from a foreign address': RESET,
  'dns name': 'code 0, 1 answers',
  'dns CNAME': 'code 0, 0 answers',
  'dns CHAOS': 'code 4, 0 answers',
  'dns an update': 'code 4, 0 answers',
  'dns an address': 'code 3, 0 answers',
  'dns NUL in a name': 'code 3, 0 answers',
  'option IP_FREEBIND': 'done', // It leads nowhere: the next line.
  'tcp to an own listener at 8.8.4.4': RESET,
};
const BY_KIND: readonly (readonly [prefix: string, expected: string | RegExp])[] = [
  ['tcp ', RESET],
  ['listening port ', RESET],
  ['udp ', REFUSED],
  ['dns ', 'code 1, 0 answers'],
  ['', CLOSED],
];

t.test('nothing leads past the policy, and nothing of the lane can be changed', needsPython, async (t) => {
  const { port, clients } = await host(t);
  const text = fs.readFileSync(path.join(packageRoot(), 'test', 'real-programs', 'attack.py'), 'utf8');
  const { output, exitCode } = await run(python(text, port), { onDenial: 'refuse' });
  t.equal(exitCode, 0, output);
  const seen = JSON.parse(output) as Readonly<Record<string, string>>;
  t.ok(Object.keys(seen).length > 75);
  for (const [name, what] of Object.entries(seen)) {
    const expected = EXPECTED[name] ?? BY_KIND.find(([prefix]) => name.startsWith(prefix))?.[1] ?? CLOSED;
    if (typeof expected === 'string') t.equal(what, expected, name);
    else t.match(what, expected, name);
  }
  t.equal(clients(), 0);
});

const ASK = `
import socket, struct, sys
def ask(name, s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM)):
    s.settimeout(20)
    s.sendto(struct.pack(">6H", 7, 256, 1, 0, 0, 0) + b"".join(bytes([len(p)]) + p for p in name.encode().split(b".")) + b"\\0\\0\\1\\0\\1", ("127.0.0.53", 53))
    d = s.recv(1000)
    return d[3] & 15, ".".join(map(str, d[-4:]))
`;

t.test('a command asks for 100 000 names: its number is limited, and others resolve', needsPython, async (t) => {
  const { port } = await host(t);
  const before = process.memoryUsage().rss;
  const ran = run(
    python(`${ASK}
first = ask("${HOSTS.allowed}")
codes = {}
for i in range(100000):
    code, _ = ask("n%d.%s.example" % (i, "x" * 60))
    codes[code] = codes.get(code, 0) + 1
print(codes, ask("${HOSTS.allowed}") == first, socket.create_connection((first[1], ${port})).recv(99).decode())`),
  );
  const neighbour = await run(python(`${ASK}\nprint(ask("other.test"))`));
  t.equal(neighbour.output, "(0, '198.18.0.1')\n");
  const { output } = await ran;
  t.equal(output, `{0: 16383, 2: 83617} True ${TOKEN}\n`);
  t.ok(process.memoryUsage().rss - before < 150 * 1024 * 1024, 'memory is limited');
  const next = await run(python(`${ASK}\nprint(ask("next.test"))`));
  t.equal(next.output, "(0, '198.18.0.1')\n", 'the next command begins anew');
});

t.test('thousands of connections, half open ones too, leave others alone', needsPython, async (t) => {
  const { port } = await host(t);
  const folder = scratchFolder(t);
  const stop = path.join(folder, 'stop');
  const flood = (onDenial: 'cancel' | 'refuse') =>
    run(
      python(`import os, resource, socket
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
targets = (("9.9.9.9", ${port}), ("198.18.0.1", ${port}), ("127.0.0.53", 53))
opened = 0
while opened < 3000 or not os.path.exists("${stop}"):
    kept = []
    for i in range(3000):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(targets[i % 3])
        kept.append(s)
    for s in kept[::2]:
        try: s.shutdown(socket.SHUT_WR)
        except OSError: pass
    opened += len(kept)
print(opened >= 3000)`),
      { onDenial },
    );
  const reach = `exec 3<>/dev/tcp/${HOSTS.allowed}/${port} && cat <&3`;
  const flooding = flood('refuse');
  for (let round = 0; round < 10; round++) t.match(await run(reach), { exitCode: 0, output: TOKEN, denial: null });
  fs.writeFileSync(stop, '');
  t.match(await flooding, { exitCode: 0, output: 'True\n', denial: null });
  fs.rmSync(stop);
  t.match(await flood('cancel'), { cause: 'denial', denial: { host: /^(?:9\.9\.9\.9|198\.18\.0\.1)$/ } });
  t.match(await run(reach), { exitCode: 0, output: TOKEN });
});

t.test('questions that a command leaves behind are not the next command’s', needsPython, async (t) => {
  const leave = `${ASK}
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(3000): s.sendto(struct.pack(">6H", 7, 256, 1, 0, 0, 0) + b"\\5n%04d\\0\\0\\1\\0\\1" % i, ("127.0.0.53", 53))`;
  for (let round = 0; round < 3; round++) {
    // More of them than lanes are kept ready: what waits gets a lane as soon as it is free.
    const ran = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        run(python(index % 2 === 0 ? leave : `${ASK}\nprint(ask("next.test"))`)),
      ),
    );
    t.strictSame(
      ran.map(({ output }) => output),
      ran.map((_, index) => (index % 2 === 0 ? '' : "(0, '198.18.0.1')\n")),
    );
  }
});

t.test('an allowed name that leads to this machine is refused where the machine is', async (t) => {
  const { port, clients } = await host(t);
  const line = `exec 3<>/dev/tcp/${HOSTS.allowed}/${port} && cat <&3`;
  const { output } = await run(line, { onDenial: 'refuse', local: false });
  t.match(output, /reset by peer/);
  t.match((await run(`${line}; sleep 600`, { local: false })).denial, { host: HOSTS.allowed });
  t.equal(clients(), 0);
  t.match(await run(line), { output: TOKEN, exitCode: 0 });
});
