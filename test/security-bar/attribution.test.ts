/** Security bar, cases 40 to 43, 49 and 50: the owner of each request, and that nothing bypasses the proxy. */
import fs from 'node:fs';
import path from 'node:path';
import { PYTHON } from '../fixtures/python.js';
import { OWN, PUBLIC } from './support/world.js';
import t from 'tap';
import { connect, get, socksName } from './support/attempt.js';
import { startBar } from './support/bar.js';
import { getsThrough } from './support/expect.js';
import { elapse, until } from '../fixtures/until.js';

t.setTimeout(120_000);

const bar = await startBar(t, { domains: { '**.ok.test': 'allow', 'evil.test': 'deny' } });
const sh = (script: string, params: object = {}) => bar.run(['bash', '-c', script], params);
/** Requests a URL from the proxy at `port`, using only bash, and prints the status line. */
const ask = (host: string, port = '${HTTP_PROXY##*:}'): string =>
  `(exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET http://${host}/ HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: close\\r\\n\\r\\n' >&3 && head -1 <&3) 2>/dev/null || echo unreachable`;

t.test('case 40: command A reaches neither B’s proxy, nor its servers, nor its files in /proc', async (t) => {
  const shared = path.join(bar.daemon.work, 'port');
  const params = { sandboxPolicy: { type: 'workspaceWrite', writableRoots: [bar.daemon.work], networkAccess: true } };
  // B prints its ports, and serves one itself.
  const b = sh(
    `timeout 60 ${PYTHON} -m http.server 7777 --bind 127.0.0.1 >/dev/null 2>&1 &
     until (exec 3<>/dev/tcp/127.0.0.1/7777) 2>/dev/null; do sleep 0.1; done; echo serving
     echo "\${HTTP_PROXY##*:} \${ALL_PROXY##*:}" > ${shared}.new; mv ${shared}.new ${shared}; sleep 2`,
    params,
  );
  await until(() => fs.existsSync(shared), 'B has written its ports');
  const [http = '', socks = ''] = fs.readFileSync(shared, 'utf8').trim().split(' ');
  const own = await sh('echo "${HTTP_PROXY##*:} ${ALL_PROXY##*:}"');
  const taken = own.stdout.trim().split(' ');
  // Both may have the same number by chance: then it is A's own port, with A's own policy.
  const reach = [http, socks].filter((port) => !taken.includes(port));
  const a = await sh(
    `${reach.map((port) => ask('ok.test', port)).join('\n')}
     (exec 3<>/dev/tcp/127.0.0.1/7777) 2>/dev/null && echo served || echo unreachable
     grep -l 7777 /proc/[0-9]*/cmdline 2>/dev/null | grep -v "/$$/" | wc -l
     ls /proc | grep -c '^[0-9]'`,
  );
  const lines = a.stdout.trim().split('\n');
  const answers = lines.slice(0, -2);
  t.ok(
    answers.every((line) => line === 'unreachable'),
    a.stdout,
  );
  t.ok(Number(lines.at(-1)) < 8, 'only its own processes');
  t.match(await b, { stdout: 'serving\n' }, 'there was something to reach');
  await getsThrough(t, bar, [get('http://ok.test/', 'ok.test')], PUBLIC);
});

t.test('case 41: no prefix, token or credential changes the owner of a connection', async (t) => {
  const request = 'GET http://evil.test/ HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n';
  const forged = [
    `\0CDXPXY1\0\x10aaaaaaaaaaaaaaaa${request}\r\n`,
    `PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n${request}\r\n`,
    `\r\n\r\n\0\r\nQUIT\n!\x11\0\0${request}\r\n`,
    `${request}Proxy-Authorization: Basic YWRtaW46YWRtaW4=\r\n\r\n`,
    `${request}X-Codex-Command-Id: 1\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n`,
  ];
  const outcomes = await bar.attack([
    ...forged.map((text) => ({ via: 'http' as const, send: [text] })),
    {
      via: 'socks',
      send: [`\0CDXPXY1\0\x10aaaaaaaaaaaaaaaa\x05\x01\0`, 100, '\x05\x01\0\x03\x07ok.test\0\x16'],
      limitMs: 3000,
    },
  ]);
  t.notOk(outcomes.some(({ received }) => /^HTTP\/1\.1 200|^\x05\0\x05\0/.test(received)));
  t.strictSame(bar.internet.take(), []);
  await getsThrough(t, bar, [get('http://ok.test/', 'ok.test')], PUBLIC);
});

t.test('cases 42 and 43: background processes of a command end with it, and so do its connections', async (t) => {
  const orphans = `
    (sleep 1; ${ask('ok.test')}) &
    setsid nohup bash -c 'sleep 1; ${ask('ok.test').replaceAll("'", `'\\''`)}' >/dev/null 2>&1 &
    (setsid bash -c 'trap "" TERM HUP INT; exec 3<>/dev/tcp/127.0.0.1/\${HTTP_PROXY##*:}; sleep 1; printf "GET http://ok.test/held HTTP/1.1\\r\\nHost: ok.test\\r\\n\\r\\n" >&3; sleep 5' &) 
    exec 4<>/dev/tcp/127.0.0.1/\${HTTP_PROXY##*:}; printf 'CONNECT ok.test:22 HTTP/1.1\\r\\n\\r\\n' >&4; head -c 12 <&4
    exit 0`;
  const { stdout } = await sh(orphans);
  t.equal(stdout, 'HTTP/1.1 200', 'the tunnel stands while the command does');
  await elapse(300, 'what is sent at the end arrives');
  t.notOk(
    bar.internet.take().some(({ open }) => open()),
    'and ends with it',
  );
  await elapse(1500, 'the orphans would ask after one second');
  t.strictSame(bar.internet.take(), [], 'no orphan’s request goes out');
});

t.test('case 42: a denial belongs to its own command, and not to a neighbour', async (t) => {
  bar.configure({ domains: { '**.ok.test': 'allow', 'evil.test': 'deny' }, onDenial: 'cancel' });
  const bystander = sh(`sleep 1; ${ask('ok.test')}; sleep 1; ${ask('ok.test')}`);
  const culprit = await sh(`${ask('evil.test')}; sleep 30`);
  t.match(culprit, { exitCode: 137, stdout: '', networkDenial: { host: 'evil.test', reason: 'denied' } });
  t.match(await bystander, { exitCode: 0, stdout: 'HTTP/1.1 200 OK\r\nHTTP/1.1 200 OK\r\n', networkDenial: undefined });
  bar.internet.take();
  bar.configure({ domains: { '**.ok.test': 'allow', 'evil.test': 'deny' } });
});

t.test('case 49: a relay inside the sandbox gets the same verdict as a direct request', async (t) => {
  const relay = `
import os, socket, threading
up = int(os.environ["HTTP_PROXY"].rsplit(":", 1)[1])
def pipe(a, b):
    try:
        while True:
            d = a.recv(65536)
            if not d: break
            b.sendall(d)
    except OSError: pass
    try: b.shutdown(1)
    except OSError: pass
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", 3128)); s.listen(9)
print("ready", flush=True)
while True:
    c, _ = s.accept(); u = socket.create_connection(("127.0.0.1", up))
    for x, y in ((c, u), (u, c)): threading.Thread(target=pipe, args=(x, y), daemon=True).start()
`;
  const file = path.join(bar.daemon.work, 'relay.py');
  fs.writeFileSync(file, relay);
  const through = (target: string, more = ''): string =>
    `curl -sS -o /dev/null -w '%{http_code} %{http_connect}\\n' ${more} -x http://127.0.0.1:3128 ${target} 2>/dev/null`;
  const { stdout } = await sh(
    `exec 5< <(${PYTHON} ${file}); read -u 5 ready
     ${through('http://ok.test/')}; ${through('http://evil.test/')}; ${through('http://evil.test:8080/', '-p')}
     ${through('http://127.0.0.1/')}; ${through('http://169.254.169.254/latest/')}; kill %1 2>/dev/null; true`,
  );
  t.equal(stdout, '200 000\n403 000\n000 403\n403 000\n403 000\n');
  t.strictSame(
    bar.internet.take().map(({ address }) => address),
    [PUBLIC],
  );
});

t.test('case 50: without the proxy’s variables, around them, or with raw packets there is no route', async (t) => {
  const clear = 'unset $(env | grep -io "^[a-z_]*proxy[a-z_]*" | sort -u) 2>/dev/null;';
  const lines = [
    `${clear} curl -sS --max-time 2 http://ok.test/`,
    `curl -sS --max-time 2 --noproxy '*' http://${PUBLIC}/`,
    `curl -sS --max-time 2 -x '' http://${PUBLIC}/`,
    `HTTP_PROXY= http_proxy= ALL_PROXY= all_proxy= curl -sS --max-time 2 http://${PUBLIC}/`,
    `curl -sS --max-time 2 -x http://${PUBLIC}:80 http://evil.test/`,
    ...[PUBLIC, OWN, '169.254.169.254', '10.0.0.1', '127.0.0.1'].map((to) => `exec 3<>/dev/tcp/${to}/80`),
    `exec 3<>/dev/udp/127.0.0.53/53 && printf 'x' >&3 && timeout 1 head -c 1 <&3 | grep -q .`,
    `${PYTHON} -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)'`,
    `${PYTHON} -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'`,
    `${PYTHON} -c 'import socket; s=socket.socket(socket.AF_INET6, socket.SOCK_STREAM); s.connect(("${'2606:2800:220::34'}", 80))'`,
    `${PYTHON} -c 'import socket; socket.getaddrinfo("ok.test", 80)'`,
    'ping -c 1 -W 1 127.0.0.53',
    'ip link add d type dummy',
    'ip route add default dev lo',
    'ip route add local 93.184.216.0/24 dev lo',
    'ip link set lo down',
    'nsenter --net=/proc/1/ns/net -t 1 true',
    'unshare -rn true',
  ];
  const script = lines.map((line, n) => `if (${line}) >/dev/null 2>&1; then echo "${n} out"; fi`).join('\n');
  const { stdout, exitCode } = await sh(`${script}\necho end`);
  t.match({ stdout, exitCode }, { stdout: 'end\n', exitCode: 0 }, 'none of them gets anywhere');
  t.strictSame(bar.internet.take(), []);
  t.strictSame(bar.names.asked.splice(0).includes('evil.test'), false);
  const { stdout: environment } = await sh('env', {
    env: { HTTP_PROXY: `http://${PUBLIC}:80`, http_proxy: null, ALL_PROXY: null, NO_PROXY: '*', no_proxy: '*' },
  });
  t.match(environment, /^HTTP_PROXY=http:\/\/127\.0\.0\.1:\d+$/m, 'a request’s environment does not replace them');
  t.match(environment, /^NO_PROXY=$/m);
  await getsThrough(
    t,
    bar,
    [get('http://ok.test/', 'ok.test'), connect('ok.test:443'), socksName('ok.test', 22, 'inside')],
    PUBLIC,
  );
});
