import t, { type Test } from 'tap';
import type { AwsSigning } from '../../../server/config/permissions/mitm-actions.js';
import type { MitmHook } from '../../../server/config/permissions/mitm-hooks.js';
import { authorizationOf, sha256 } from '../../../server/network-approval/hooks/aws-signature.js';
import { startHooked, type Arrived, type Sent, type Version } from '../support/hooked.js';

/** Requests that a command signs with a placeholder, as AWS would get them. */
t.setTimeout(120_000);

const DENIED = { status: 403, text: 'HTTPS request denied by MITM hook policy.' };
const VERSIONS = ['http1', 'http2'] as const;
const ENVIRONMENT = {
  REAL_ID: 'AKIAREAL',
  REAL_KEY: 'the-real-key',
  REAL_TOKEN: 'the-real-token',
  SECRET: 'in-the-body',
};
const PLACEHOLDER = 'AKIAPLACEHOLDER';

const signs =
  (changes: Partial<AwsSigning> = {}, more: Partial<MitmHook> = {}) =>
  (port: number): Partial<MitmHook> => ({
    signing: {
      port,
      maxBody: 1000,
      placeholderId: PLACEHOLDER,
      region: 'eu-west-1',
      service: 's3',
      accessKeyId: { variable: 'REAL_ID' },
      secretAccessKey: { variable: 'REAL_KEY' },
      sessionToken: null,
      ...changes,
    },
    ...more,
  });

const start = (t: Test, version: Version, hookFor = signs()) =>
  startHooked(t, version, hookFor, { environment: ENVIRONMENT });

const now = (): string => new Date().toISOString().replace(/[-:]|\.\d+/g, '');

/** The request with the signature of a client that has the placeholder. */
function signed(
  port: number,
  sent: Sent,
  { id = PLACEHOLDER, service = 's3', date = now(), extra = [] as readonly string[] } = {},
): Sent {
  const { path = '/', method = 'POST', headers = {}, body = [] } = sent;
  const own = { 'x-amz-date': date, ...headers };
  const [place = '', query = null] = path.split('?');
  const payload = own['x-amz-content-sha256' as keyof typeof own] ?? sha256(body.join(''));
  const names: readonly (readonly [string, string])[] = [
    ['host', `ok.test:${port}`] as const,
    ...Object.entries(own),
    ...extra.map((name) => [name, ''] as const),
  ].sort(([a], [b]) => (a < b ? -1 : 1));
  const authorization = authorizationOf(
    { method, path: place, query, headers: names, payload },
    { date, region: 'eu-west-1', service },
    { id, secret: 'codexd-placeholder-secret' },
  );
  return { ...sent, headers: { ...own, authorization } };
}

/** Whether the signature that arrived is that of the real key over what arrived. */
function isReal({ method, path, headers, body }: Arrived, host: string, service = 's3'): boolean {
  const authorization = String(headers['authorization']);
  const [, list = ''] = /SignedHeaders=([^,]+),/.exec(authorization) ?? [];
  const [place = '', query = null] = path.split('?');
  const fields = list
    .split(';')
    .map((name): [string, string] => [
      name,
      name === 'host' ? String(headers['host'] ?? headers[':authority']) : String(headers[name]),
    ]);
  const payload = String(headers['x-amz-content-sha256'] ?? sha256(Buffer.from(body, 'latin1')));
  const expected = authorizationOf(
    { method, path: place, query, headers: fields, payload },
    { date: String(headers['x-amz-date']), region: 'eu-west-1', service },
    { id: ENVIRONMENT.REAL_ID, secret: ENVIRONMENT.REAL_KEY },
  );
  const isOwnHash = payload === 'UNSIGNED-PAYLOAD' || payload === sha256(Buffer.from(body, 'latin1'));
  return authorization === expected && isOwnHash && fields.some(([name, value]) => name === 'host' && value === host);
}

t.test('what is signed with the placeholder arrives with the real signature', async (t) => {
  for (const upstream of VERSIONS) {
    const { send, arrived, port } = await start(t, upstream);
    for (const client of VERSIONS) {
      const where = `${client} to ${upstream}`;
      arrived.splice(0);
      const rows: readonly Sent[] = [
        { method: 'GET', path: '/bucket/a%20b?list-type=2&prefix=a%2Fb&x' },
        { path: '/o', body: ['hello'], headers: { 'content-type': 'text/plain' } },
        { method: 'PUT', path: '/o', body: ['he', 'llo'], headers: { 'x-amz-content-sha256': 'a'.repeat(64) } },
        {
          method: 'PUT',
          path: '/o',
          body: ['x'.repeat(2000)],
          headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
        },
      ];
      for (const row of rows) t.match(await send(client, signed(port, row)), { status: 200 }, where);
      t.equal(arrived.length, rows.length);
      for (const one of arrived) t.ok(isReal(one, `ok.test:${port}`), `${where}: ${one.method} ${one.path}`);
      t.strictSame(
        arrived.map(({ body }) => body),
        ['', 'hello', 'hello', 'x'.repeat(2000)],
      );
      t.equal(arrived[2]?.headers['content-length'], '5', 'a body that is signed is whole');
      t.notMatch(JSON.stringify(arrived), PLACEHOLDER);
    }
  }
});

t.test('temporary credentials bring their token, and others do not', async (t) => {
  const { send, arrived, port, registration } = await start(
    t,
    'http2',
    signs({ sessionToken: { variable: 'REAL_TOKEN' } }),
  );
  await send('http1', signed(port, { headers: { 'x-amz-security-token': 'codexd-placeholder-token' } }));
  await send('http2', signed(port, {}));
  for (const one of arrived) {
    t.equal(one.headers['x-amz-security-token'], ENVIRONMENT.REAL_TOKEN);
    t.ok(isReal(one, `ok.test:${port}`));
  }
  t.equal(arrived.length, 2);
  const { environment = {}, withheld } = registration.lane ?? {};
  t.match(environment, { AWS_ACCESS_KEY_ID: PLACEHOLDER, REAL_ID: PLACEHOLDER, AWS_SESSION_TOKEN: /^codexd-/ });
  t.strictSame(withheld, ['AWS_SECURITY_TOKEN']);
  t.notMatch(JSON.stringify(registration.lane), /the-real|AKIAREAL/);
});

t.test('what is meant and cannot be signed is refused, and what is not meant gets nothing', async (t) => {
  const { send, arrived, port, decisions } = await start(t, 'http1');
  const refused: readonly Sent[] = [
    signed(port, {}, { service: 'sqs' }),
    signed(port, {}, { date: '20200101T000000Z' }),
    signed(port, { headers: { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' }, body: ['x'] }),
    signed(port, { body: ['x'.repeat(1001)] }),
    signed(port, { body: ['x'.repeat(600), 'x'.repeat(600)] }),
    signed(port, {}, { extra: ['x-gone'] }),
    signed(port, {}, { extra: ['connection'] }),
    signed(port, { path: `/?X-Amz-Credential=${PLACEHOLDER}%2F1` }),
    { path: `/?X-Amz-Credential=${PLACEHOLDER}%2F20260101%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=aa` },
    signed(port, { headers: { trailer: 'x-a' }, body: ['x'], trailers: { 'x-a': '1' } }),
  ];
  for (const client of VERSIONS)
    for (const row of refused)
      t.strictSame(await send(client, row), DENIED, `${client} ${JSON.stringify(row).slice(0, 300)}`);
  t.strictSame(arrived, []);
  for (const client of VERSIONS) {
    await send(client, { body: ['none'] });
    await send(client, signed(port, { body: ['x'.repeat(2000)] }, { id: 'AKIAOWN' }));
    await send(client, { headers: { authorization: 'Bearer x' }, trailers: { 'x-a': '1' }, body: ['x'] });
  }
  t.equal(arrived.length, 6);
  t.notMatch(JSON.stringify(arrived), 'AKIAREAL');
  t.notMatch(JSON.stringify(decisions.list()), /the-real|AKIA/);
});

t.test('the port, the host and the headers of the hook hold for a signature', async (t) => {
  const other = await start(t, 'http1', () => signs()(443));
  t.strictSame(await other.send('http2', signed(other.port, {})), DENIED);
  const stripped = await start(t, 'http1', signs({}, { strip: ['x-strip'] }));
  t.strictSame(await stripped.send('http1', signed(stripped.port, { headers: { 'x-strip': '1' } })), DENIED);
  const injects = { name: 'X-Extra', prefix: '', from: { variable: 'SECRET' } };
  const injected = await start(t, 'http1', signs({}, { inject: [injects] }));
  t.match(await injected.send('http2', signed(injected.port, { headers: { 'x-extra': 'old' } })), { status: 200 });
  t.match(injected.arrived, [{ headers: { 'x-extra': ENVIRONMENT.SECRET } }]);
  t.ok(
    injected.arrived.every((one) => isReal(one, `ok.test:${injected.port}`)),
    'signed as it is sent',
  );
  await injected.send('http1', { ...signed(injected.port, {}), name: 'beside.ok.test' });
  t.notMatch(JSON.stringify(injected.arrived[1]), 'AKIAREAL');
  for (const { arrived } of [other, stripped]) t.strictSame(arrived, []);
});

t.test('the opening of a WebSocket is signed, too', async (t) => {
  const { inside, arrived, port } = await start(t, 'http1', signs({}, { methods: ['CONNECT'] }));
  const { headers = {} } = signed(port, { method: 'GET', path: '/ws' });
  const { socket } = await inside(`ok.test:${port}`);
  let received = '';
  socket.on('data', (piece: Buffer) => (received += piece.toString()));
  const fields = { host: `ok.test:${port}`, connection: 'Upgrade', upgrade: 'websocket', ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.once('end', () => socket.end());
  socket.write(`GET /ws HTTP/1.1\r\n${lines.join('')}\r\n`);
  await closed;
  t.match(received, /^HTTP\/1\.1 101 [^]*opened$/);
  t.ok(arrived.length === 1 && arrived.every((one) => isReal(one, `ok.test:${port}`)));
});

t.test('a secret in the body is signed with it, for services that do not protect it otherwise', async (t) => {
  const placeholder = 'PLACEHOLDER-0123';
  const both = (port: number) =>
    signs(
      { service: 'sqs' },
      { substitution: { port, maxBody: 1000, replacements: [{ placeholder, from: { variable: 'SECRET' } }] } },
    )(port);
  const { send, arrived, port } = await start(t, 'http2', both);
  for (const client of VERSIONS)
    t.match(await send(client, signed(port, { path: '/q', body: [`a=${placeholder}`] }, { service: 'sqs' })), {
      status: 200,
    });
  for (const one of arrived) {
    t.equal(one.body, `a=${ENVIRONMENT.SECRET}`);
    t.ok(isReal(one, `ok.test:${port}`, 'sqs'));
  }
  t.equal(arrived.length, 2);
});
