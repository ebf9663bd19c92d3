import { execaSync } from 'execa';
import { once } from 'node:events';
import fs from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import t from 'tap';
import { scratchFolder } from '../support/certificates.js';
import { curl, startLimited, startSecureUpstream } from '../support/limited.js';

/** Real clients through the interception: curl with both versions of HTTP, Node's own client. */
t.setTimeout(120_000);

t.test('case 33: curl reads through the interception with HTTP/1.1 and HTTP/2, and trusts it', async (t) => {
  const { registration, upstream, host, decisions } = await startLimited(t);
  const environment = registration.lane?.environment ?? {};
  const format = ['-w', ' %{http_version} %{http_code} %{ssl_verify_result}'];
  const url = `https://${host}`;
  t.strictSame(await curl(environment, '--http1.1', ...format, `${url}/a?b`), {
    code: 0,
    output: 'up GET /a?b 1.1 200 0',
  });
  t.strictSame(await curl(environment, '--http2', ...format, `${url}/a?b`), { code: 0, output: 'up GET /a?b 2 200 0' });
  t.strictSame(await curl(environment, '--http2', '-X', 'OPTIONS', ...format, url), {
    code: 0,
    output: 'up OPTIONS / 2 200 0',
  });
  t.strictSame(await curl(environment, '--http2', `${url}/1`, `${url}/2`, `https://127.0.0.1:${upstream.port}/3`), {
    code: 0,
    output: 'up GET /1up GET /2up GET /3',
  });
  for (const version of ['--http1.1', '--http2']) {
    const { code, output } = await curl(environment, version, '-I', `${url}/head`);
    t.equal(code, 0, `HEAD with ${version} ends cleanly`);
    t.match(output, /^HTTP\/(1\.1|2) 200 /);
  }
  t.match(decisions.list().slice(0, 2), [
    { protocol: 'https', method: 'CONNECT', verdict: 'allow' },
    { protocol: 'https', method: 'GET', verdict: 'allow', address: '127.0.0.1', rule: '**.ok.test' },
  ]);
});

t.test('case 33: other methods are refused inside, in both versions, with the text of the protocol', async (t) => {
  const { registration, upstream, host, decisions } = await startLimited(t);
  const environment = registration.lane?.environment ?? {};
  for (const version of ['--http1.1', '--http2']) {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'get', 'TRACE', 'BREW']) {
      const { code, output } = await curl(environment, version, '-i', '-X', method, '-d', 'x=1', `https://${host}/`);
      t.equal(code, 0);
      t.match(output, /^HTTP\/(1\.1|2) 403 .*\r\n\r\nMethod not allowed in limited mode\.$/s, `${method} ${version}`);
      t.match(output, /^content-type: text\/plain\r$/m);
      t.match(output, /^x-proxy-error: blocked-by-method-policy\r$/m);
    }
  }
  t.strictSame(upstream.seen, []);
  t.match(decisions.list().at(-1), {
    protocol: 'https',
    method: 'BREW',
    verdict: 'deny',
    reason: 'method_not_allowed',
    source: 'mode_guard',
  });
});

t.test('a host that no rule allows gets no tunnel, and SOCKS never gets one', async (t) => {
  const { registration, host } = await startLimited(t);
  const environment = registration.lane?.environment ?? {};
  t.match(await curl(environment, 'https://api.test/'), { code: 56, output: /403/ });
  t.match(await curl(environment, '-x', environment['ALL_PROXY'] ?? '', `https://${host}/`), { code: 97 });
});

t.test('an upstream that cannot be verified is a 502 inside, whatever the client accepts', async (t) => {
  const { registration, http, authority } = await startLimited(t);
  const environment = registration.lane?.environment ?? {};
  const folder = scratchFolder(t);
  const at = (name: string): string => path.join(folder, name);
  // prettier-ignore
  execaSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout',
    at('k'), '-out', at('c'), '-days', '2', '-subj', '/CN=ok.test', '-addext', 'subjectAltName=DNS:ok.test'], { stdio: 'ignore' });
  const selfSigned = await startSecureUpstream(t, { key: fs.readFileSync(at('k')), cert: fs.readFileSync(at('c')) });
  const misnamed = await startSecureUpstream(t, authority.issue('DNS:other.test'));
  const rows: [port: number, reason: RegExp, why: string][] = [
    [selfSigned.port, /tls_certificate_error; details="self-signed certificate"/, 'self-signed'],
    [misnamed.port, /tls_certificate_error; details="Hostname\/IP does not match/, 'another name'],
    [1, /destination_unavailable/, 'nobody there'],
  ];
  for (const [port, reason, why] of rows) {
    for (const version of ['--http1.1', '--http2']) {
      const { code, output } = await curl(environment, '-ki', version, `https://ok.test:${port}/`);
      t.equal(code, 0);
      t.match(output, /^HTTP\/(1\.1|2) 502 .*\r\n\r\nmitm upstream error$/s, why);
      t.match(output, reason);
    }
  }
  t.strictSame([...selfSigned.seen, ...misnamed.seen], [], 'nothing was asked');
  t.ok(http > 0);
});

t.test('an upstream with HTTP/2 only is read by curl in either version', async (t) => {
  const { registration, authority } = await startLimited(t);
  const server = http2.createSecureServer(authority.issue('DNS:ok.test'), (request, response) =>
    response.end(`${request.httpVersion} ${request.method} ${request.url}`),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    registration.finish({ treeGone: true });
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  for (const version of ['--http1.1', '--http2']) {
    const args = [version, '-w', ' %{http_version}', `https://ok.test:${port}/a`, `https://ok.test:${port}/b`];
    const seen = version === '--http2' ? '2' : '1.1';
    t.strictSame(await curl(registration.lane?.environment ?? {}, ...args), {
      code: 0,
      output: `2.0 GET /a ${seen}2.0 GET /b ${seen}`,
    });
  }
});

t.test('Node’s client keeps a connection and gets one answer per request', async (t) => {
  const { inside, upstream, host, bundle } = await startLimited(t);
  const { socket } = await inside(host);
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => socket;
  t.teardown(() => agent.destroy());
  const ask = (method: string, url: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const request = https.request({ agent, method, path: url, headers: { host } }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (piece: string) => (body += piece));
        response.on('end', () => resolve(`${response.statusCode} ${body}`));
      });
      request.on('error', reject);
      request.end();
    });
  t.equal(await ask('GET', '/1'), '200 up GET /1');
  t.equal(await ask('POST', '/2'), '403 Method not allowed in limited mode.');
  t.equal(await ask('GET', '/3'), '200 up GET /3');
  t.strictSame(
    upstream.seen.map(({ url }) => url),
    ['/1', '/3'],
  );
  t.ok(bundle.endsWith('.pem'));
});

t.test('openssl checks the certificate that a client sees', async (t) => {
  const { inside, bundle, codexHome, upstream } = await startLimited(t);
  const files = fs.readdirSync(path.join(codexHome, 'proxy'));
  const [ca = '', ...more] = files.filter((name) => /^ca-[0-9a-f]{64}\.pem$/.test(name));
  t.strictSame(more, []);
  t.equal(files.filter((name) => /^ca-bundle-[0-9a-f]{64}\.pem$/.test(name)).length, 1);
  t.equal(files.length, 2, files.join());
  const caFile = path.join(codexHome, 'proxy', ca);
  for (const [target, name] of [
    [`www.ok.test:${upstream.port}`, 'DNS:www.ok.test'],
    [`127.0.0.1:${upstream.port}`, 'IP Address:127.0.0.1'],
  ] as const) {
    const { socket } = await inside(target);
    const certificate = socket.getPeerX509Certificate();
    socket.destroy();
    if (certificate === undefined) throw new Error('no certificate');
    t.equal(certificate.subjectAltName, name);
    t.equal(certificate.ca, false);
    const leaf = path.join(scratchFolder(t), 'leaf.pem');
    fs.writeFileSync(leaf, certificate.toString());
    // prettier-ignore
    const verdict = execaSync('openssl', ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', caFile, leaf], { stripFinalNewline: false }).stdout;
    t.match(verdict, /: OK\n$/);
    t.match(execaSync('openssl', ['verify', '-CAfile', bundle, leaf], { stripFinalNewline: false }).stdout, /: OK\n$/);
  }
  const text = execaSync('openssl', ['x509', '-in', caFile, '-noout', '-text'], { stripFinalNewline: false }).stdout;
  t.match(text, /CN = codexd network proxy CA/);
  t.match(text, /CA:TRUE, pathlen:0/);
  t.match(text, /Certificate Sign, CRL Sign/);
});
