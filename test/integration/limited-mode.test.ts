import { execaSync } from 'execa';
import fs from 'node:fs';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import t, { type Test } from 'tap';
import { scratchFolder, testAuthority } from '../network-approval/support/certificates.js';
import { ROOT_FILES } from '../../server/system/programs/system-roots.js';
import { startDaemon } from '../fixtures/daemon.js';

/**
 * Limited mode as a client of the daemon sees it: real sandboxed commands, curl and Node inside, TLS upstreams outside.
 */
if (process.platform !== 'linux') t.bailout('lanes are network namespaces: they exist on Linux only');

t.setTimeout(120_000);

const config = (network: string, filesystem = '":root" = "read"'): string => `
default_permissions = "test"
[features]
network_proxy = true
[permissions.test.filesystem]
${filesystem}
[permissions.test.network]
enabled = true
mode = "limited"
[permissions.test.network.domains]
"localhost" = "allow"
"127.0.0.1" = "allow"
[codexd.command_exec]
on_network_denial = "${network}"
`;

async function startUpstream(t: Test, credentials: { readonly key: Buffer; readonly cert: Buffer }) {
  const seen: string[] = [];
  const server = https.createServer(credentials, (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.end(`up ${request.method} ${request.url}`);
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

async function setUp(t: Test, onDenial: 'cancel' | 'refuse', filesystem?: string) {
  const authority = testAuthority(t);
  const upstream = await startUpstream(t, authority.issue('DNS:localhost', 'IP:127.0.0.1'));
  const daemon = await startDaemon({
    config: config(onDenial, filesystem),
    env: { CODEX_CA_CERTIFICATE: authority.file, NODE_TLS_REJECT_UNAUTHORIZED: '0' },
  });
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const run = (line: string, env: Record<string, string | null> = {}) =>
    client.request('command/exec', { command: ['bash', '-c', line], cwd: '/', env, timeoutMs: 30_000 });
  return { daemon, upstream, run };
}

void t.test('a command reads over TLS with both versions of HTTP and may not write', async (t) => {
  const { daemon, upstream, run } = await setUp(t, 'refuse');
  const url = `https://localhost:${upstream.port}`;
  const line = `for v in --http1.1 --http2; do
      curl -sS -w ' %{http_version} %{http_code}\\n' $v ${url}/get
      curl -sS -o /dev/null -I -w 'HEAD %{http_version} %{http_code}\\n' $v ${url}/head
      curl -sS -w ' %{http_code}\\n' $v -d x ${url}/post
    done
    curl -sS https://127.0.0.1:${upstream.port}/ip; echo " $?"`;
  const expected = ['1.1', '2'].map(
    (version) => `up GET /get ${version} 200\nHEAD ${version} 200\nMethod not allowed in limited mode. 403\n`,
  );
  t.strictSame(await run(line), { exitCode: 0, stdout: `${expected.join('')}up GET /ip 0\n`, stderr: '' });
  t.strictSame(new Set(upstream.seen), new Set(['GET /get', 'HEAD /head', 'GET /ip']));

  const program = `const { get } = require('node:https'); const net = require('node:net'), tls = require('node:tls');
    const proxy = new URL(process.env.HTTPS_PROXY), to = 'localhost:${upstream.port}';
    const tunnel = net.connect(proxy.port, proxy.hostname, () => tunnel.write('CONNECT ' + to + ' HTTP/1.1\\r\\n\\r\\n'));
    tunnel.once('data', () => get({ path: '/node', headers: { host: to }, createConnection: () => tls.connect({ socket: tunnel, servername: 'localhost' }) },
      (r) => { r.setEncoding('utf8').on('data', (d) => console.log(r.statusCode, d)); r.on('end', () => process.exit()); }));`;
  const node = await run(`${process.execPath} -e "$PROGRAM"`, { PROGRAM: program, NODE_TLS_REJECT_UNAUTHORIZED: null });
  t.match(node, { exitCode: 0, stdout: '200 up GET /node\n' }, 'Node trusts the bundle by NODE_EXTRA_CA_CERTS');

  const bundle = await run(
    'echo "$SSL_CERT_FILE $CURL_CA_BUNDLE"; ls -l "$SSL_CERT_FILE"; echo x >> "$SSL_CERT_FILE"',
    {
      SSL_CERT_FILE: '/mine.pem',
      CURL_CA_BUNDLE: null,
    },
  );
  const [file = '', again] = (bundle.stdout.split('\n')[0] ?? '').split(' ');
  t.equal(path.dirname(file), path.join(daemon.home, 'proxy'), 'the request’s own value is overwritten');
  t.equal(again, file);
  t.match(bundle.stderr, /Read-only file system/);

  const list = ROOT_FILES.find((name) => fs.existsSync(name));
  if (list === undefined) return void t.pass('', { skip: 'NOT RUN: this system has no list of roots' });
  const emptied = await run(
    `cmp "$SSL_CERT_FILE" ${list}; env -i $(command -v curl) -sS --noproxy '' -x "$HTTPS_PROXY" ${url}/bare
     echo x >> ${list}`,
  );
  t.match(emptied, { stdout: 'up GET /bare', stderr: /Read-only file system/ }, 'so does the system’s own list');
});

void t.test('programs with a list of their own trust the proxy: wget, and Java', async (t) => {
  const { upstream, run } = await setUp(t, 'refuse');
  const url = `https://localhost:${upstream.port}`;
  const wget = ['/usr/bin/wget'].find((file) => fs.existsSync(file));
  if (wget === undefined) t.pass('', { skip: 'NOT RUN: wget is not installed' });
  else {
    const read = `env -i https_proxy="$HTTPS_PROXY" ${wget} -qO- ${url}/wget`;
    t.match(await run(read), { exitCode: 0, stdout: 'up GET /wget' });
  }
  const java = ['/usr/bin/java'].find((file) => fs.existsSync(file));
  const hasList = fs.existsSync('/etc/ssl/certs/java/cacerts');
  if (java === undefined || !hasList)
    return void t.pass('', { skip: 'NOT RUN: java with the list of Debian is not installed' });
  const folder = fs.realpathSync(t.testdir({ 'Read.java': JAVA }));
  const line = `proxy=\${HTTPS_PROXY#http://127.0.0.1:}
    ${java} -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=$proxy -Dhttp.nonProxyHosts= -XX:-UsePerfData ${folder}/Read.java ${url}/java`;
  t.match(await run(line), { exitCode: 0, stdout: 'up GET /java\n' });
});

const JAVA = `
import java.net.*; import java.net.http.*;
public class Read {
  public static void main(String[] args) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(args[0])).build();
    System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
  }
}`;

void t.test('a denied method inside TLS ends the command, with the denial as its outcome', async (t) => {
  const { upstream, run } = await setUp(t, 'cancel');
  const line = `echo begin; curl -sS -X DELETE https://localhost:${upstream.port}/; sleep 20; echo unreachable`;
  const result = (await run(line)) as { stdout: string; networkDenial?: object };
  t.equal(result.stdout, 'begin\n');
  t.match(result.networkDenial, {
    host: 'localhost',
    port: upstream.port,
    protocol: 'https',
    reason: 'method_not_allowed',
    source: 'mode_guard',
  });
  t.strictSame(upstream.seen, []);
});

void t.test('an upstream that cannot be verified is not reached, whatever the command accepts', async (t) => {
  const folder = scratchFolder(t);
  const [key, cert] = [path.join(folder, 'k'), path.join(folder, 'c')];
  // prettier-ignore
  execaSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key,
    '-out', cert, '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' });
  const upstream = await startUpstream(t, { key: fs.readFileSync(key), cert: fs.readFileSync(cert) });
  const { run } = await setUp(t, 'refuse');
  t.strictSame(await run(`curl -k -sS -w ' %{http_code}' https://localhost:${upstream.port}/`), {
    exitCode: 0,
    stdout: 'mitm upstream error 502',
    stderr: '',
  });
  t.strictSame(upstream.seen, []);
});

void t.test('cases 30 and 33: no other bytes pass, by CONNECT or by SOCKS', async (t) => {
  const { run } = await setUp(t, 'refuse');
  let reached = 0;
  const listener = net.createServer((socket) => socket.destroy(void reached++));
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
  t.teardown(() => listener.close());
  const { port } = listener.address() as AddressInfo;
  const result = await run(`exec 3<>/dev/tcp/127.0.0.1/\${HTTP_PROXY##*:}
    printf 'CONNECT localhost:${port} HTTP/1.1\\r\\n\\r\\n' >&3; head -n 2 <&3 >/dev/null
    printf 'SSH-2.0-x\\r\\n' >&3; cat <&3 2>/dev/null | wc -c
    curl -sS -x "$ALL_PROXY" http://localhost:${port}/ || echo "socks $?"`);
  t.match(result.stdout, /^0\nsocks 97\n$/);
  t.equal(reached, 0);
});

void t.test('a command that sees only a few files still sees the bundle', async (t) => {
  for (const filesystem of ['":minimal" = "read"', '":root" = "read"\n"/var/tmp" = "deny"', '":root" = "write"']) {
    const { upstream, run } = await setUp(t, 'refuse', filesystem);
    const result = await run(`curl -sS https://localhost:${upstream.port}/x; : >> "$SSL_CERT_FILE"`);
    t.match(result, { stdout: 'up GET /x', stderr: /Read-only file system/ }, filesystem);
  }
});
