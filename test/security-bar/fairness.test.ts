/**
 * Security bar, cases 139 to 146: no command starves another; names in tunnels by number; requests for vendors' news.
 */
import { PYTHON } from '../fixtures/python.js';
import { PUBLIC } from './support/world.js';
import net from 'node:net';
import t from 'tap';
import { HEAD, type Attempt } from './support/attempt.js';
import { startBar } from './support/bar.js';
import { elapse } from '../fixtures/until.js';

t.setTimeout(240_000);

/** Keeps programs from requesting news about themselves. npm also gives its scripts the first variable. */
const NEWS = [
  'npm_config_update_notifier',
  'PIP_DISABLE_PIP_VERSION_CHECK',
  'NO_UPDATE_NOTIFIER',
  'CHECKPOINT_DISABLE',
];
for (const name of NEWS) delete process.env[name];

const bar = await startBar(t, {
  domains: { '**.ok.test': 'allow', '**.slow.test': 'allow', 'evil.test': 'deny', [PUBLIC]: 'allow' },
});
bar.names.zone['*.slow.test'] = 'silent';

/** Python, so that each lookup has its own connection and waits for its answer. */
const ASKS_MANY = `
import os, socket, sys, time
host, port = os.environ['HTTP_PROXY'][7:].split(':')
held = []
for i in range(int(sys.argv[1])):
    s = socket.create_connection((host, int(port)))
    s.sendall(f'GET http://n{i}.slow.test/ HTTP/1.1\\r\\nHost: n{i}.slow.test\\r\\n\\r\\n'.encode())
    held.append(s)
print('asked', flush=True)
time.sleep(120)
`;

t.test("case 139: a command that looks up many silent names blocks no other command's lookup", async (t) => {
  const started = new Promise<void>((resolve) =>
    bar.client.onNotification('command/exec/outputDelta', () => resolve()),
  );
  const hostile = bar.run([PYTHON, '-c', ASKS_MANY, '40'], { processId: 'hostile', streamStdoutStderr: true });
  await started;
  await elapse(300, 'the lookups of the hostile command queue up');
  const [outcome] = await bar.attack([
    { via: 'http', send: ['GET http://ok.test/ HTTP/1.1\r\nHost: ok.test\r\nConnection: close\r\n\r\n'] },
  ]);
  t.match(outcome?.received, /^HTTP\/1\.1 200/, 'another command is answered');
  await bar.client.request('command/exec/terminate', { processId: 'hostile' });
  t.equal(
    (await hostile).networkDenial ?? null,
    null,
    'and the asking one is not ended for names that wait their turn',
  );
});

t.test('case 140: a denied name is denied in a tunnel to its number, too', async (t) => {
  const through = (said: string): Attempt => ({
    via: 'http',
    send: [`CONNECT ${PUBLIC}:80 HTTP/1.1\r\nHost: ${PUBLIC}:80\r\n\r\n`, HEAD, said],
    limitMs: 5000,
  });
  bar.internet.take();
  const [denied, other] = await bar.attack([
    through('GET / HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n'),
    through('GET / HTTP/1.1\r\nHost: any.test\r\nConnection: close\r\n\r\n'),
  ]);
  t.notMatch(denied?.received, /HTTP\/1\.1 200 OK\r\n\r\n./s, 'nothing came back');
  t.match(other?.received, /HTTP\/1\.1 200[^]*HTTP\/1\.1 200/, 'a name that no rule denies is what the number is for');
  t.notOk(
    bar.internet.take().some(({ bytes }) => /evil\.test/.test(bytes())),
    'and nothing arrived',
  );
});

t.test('case 141: a request line that some servers trim is refused', async (t) => {
  const odd = [' ', '\t', '\v', '\x1c', '\x85', '\xa0', '\0', '\r\n '].map((front) => `${front}GET / HTTP/1.1`);
  const lines = [...odd, `${'M'.repeat(100)} / HTTP/1.1`, 'GET http://evil.test/'];
  bar.internet.take();
  await bar.attack(
    lines.map((line) => ({
      via: 'http' as const,
      send: [
        'CONNECT ok.test:80 HTTP/1.1\r\nHost: ok.test:80\r\n\r\n',
        HEAD,
        `${line}\r\nHost: evil.test\r\nConnection: close\r\n\r\n`,
      ],
      limitMs: 5000,
    })),
  );
  t.strictSame(
    bar.internet
      .take()
      .map(({ bytes }) => bytes())
      .filter((text) => /evil\.test/.test(text)),
    [],
  );
});

t.test('case 142: programs in a lane do not check for updates, unless they were asked to', async (t) => {
  const shown = (env?: Record<string, string>) =>
    bar.run(['sh', '-c', NEWS.map((name) => `echo ${name}=$${name}`).join('\n')], env === undefined ? {} : { env });
  t.equal((await shown()).stdout, NEWS.map((name, i) => `${name}=${i === 0 ? 'false' : 1}\n`).join(''));
  t.match((await shown({ CHECKPOINT_DISABLE: '0' })).stdout, /CHECKPOINT_DISABLE=0\n/);
});

t.test('case 143: silent connections do not prevent clients from connecting', async (t) => {
  const { hostname, port } = new URL(bar.daemon.url);
  const silent = Array.from({ length: 300 }, () => net.connect(Number(port), hostname));
  for (const socket of silent) socket.on('error', () => {});
  t.teardown(() => silent.forEach((socket) => socket.destroy()));
  await elapse(500, 'the daemon closes those that are too many');
  const client = await bar.daemon.connect();
  const { exitCode } = await client.request('command/exec', { command: ['true'] });
  t.equal(exitCode, 0);
  const open = silent.filter(({ destroyed, readyState }) => !destroyed && readyState === 'open').length;
  t.ok(open <= 64, `${open} of 300 are still open`);
});
