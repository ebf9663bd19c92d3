import { createHash, createHmac } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import http from 'node:http';
import t from 'tap';
import { loadAuthenticator } from '../../../server/rpc/transports/auth.js';
import { dialInitialized, startDaemon, startListener, temporaryFolder } from '../support.js';

const SECRET = '0123456789abcdef0123456789abcdef';
const now = (): number => Math.floor(Date.now() / 1000);
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const HASHES: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };
const HS256 = { alg: 'HS256', typ: 'JWT' };
function jwt(
  claims: unknown,
  { secret = SECRET, header = HS256 }: { secret?: string; header?: Readonly<Record<string, unknown>> } = {},
) {
  const signed = `${base64url(header)}.${base64url(claims)}`;
  const hash = HASHES[String(header['alg'])];
  return `${signed}.${hash ? createHmac(hash, secret).update(signed).digest('base64url') : ''}`;
}

t.test('capability tokens: the texts and their order', async (t) => {
  const folder = temporaryFolder(t);
  const tokenFile = path.join(folder, 'token');
  fs.writeFileSync(tokenFile, ' super-secret\n');
  const digest = createHash('sha256').update('super-secret').digest('hex');
  const rows: [why: string, header: string | undefined, refused: string | undefined][] = [
    ['no header', undefined, 'missing websocket bearer token'],
    ['an empty header', '', 'invalid authorization header'],
    ['another scheme', 'Basic super-secret', 'invalid authorization header'],
    ['no scheme', 'super-secret', 'invalid authorization header'],
    ['no token', 'Bearer', 'invalid authorization header'],
    ['an empty token', 'Bearer   ', 'invalid authorization header'],
    ['another token', 'Bearer Super-secret', 'invalid websocket bearer token'],
    ['the digest is not the token', `Bearer ${digest}`, 'invalid websocket bearer token'],
    ['the token', 'Bearer super-secret', undefined],
    ['blanks and case of the scheme do not count', '  bEARER \t super-secret  ', undefined],
  ];
  for (const auth of [{ tokenFile }, { tokenSha256: digest }, { tokenSha256: digest.toUpperCase() }]) {
    const { authenticate } = await loadAuthenticator({ mode: 'capability-token', ...auth });
    for (const [why, header, refused] of rows) {
      t.same(await authenticate(header), refused === undefined ? {} : { refused }, why);
    }
  }
});

t.test('signed bearer tokens: only HS256, the claims in their order', async (t) => {
  const folder = temporaryFolder(t);
  const secretFile = path.join(folder, 'secret');
  fs.writeFileSync(secretFile, `${SECRET}\n`);
  const plain = {
    mode: 'signed-bearer-token',
    secretFile,
    issuer: null,
    audience: null,
    maxClockSkewSeconds: 30,
  } as const;
  const { authenticate: open } = await loadAuthenticator(plain);
  const { authenticate: strict } = await loadAuthenticator({ ...plain, issuer: 'iss1', audience: 'aud1' });
  const ok = { exp: now() + 600, iss: 'iss1', aud: 'aud1' };
  const invalid = 'invalid websocket jwt';
  const rows: [why: string, token: string, refused: string | undefined][] = [
    ['good', jwt(ok), undefined],
    ['typ is optional', jwt(ok, { header: { alg: 'HS256' } }), undefined],
    ['one of several audiences', jwt({ ...ok, aud: ['x', 'aud1'] }), undefined],
    ['expired within the skew', jwt({ ...ok, exp: now() - 20 }), undefined],
    ['valid soon, within the skew', jwt({ ...ok, nbf: now() + 20 }), undefined],
    ['not a JWT', 'nope', invalid],
    ['two parts', 'a.b', invalid],
    ['another secret', jwt(ok, { secret: 'fedcba9876543210fedcba9876543210' }), invalid],
    ['alg none', jwt(ok, { header: { alg: 'none' } }), invalid],
    ['alg None with a good signature', jwt(ok).replace(/^[^.]+/, base64url({ alg: 'None' })), invalid],
    ['HS384', jwt(ok, { header: { alg: 'HS384' } }), invalid],
    ['HS512', jwt(ok, { header: { alg: 'HS512' } }), invalid],
    ['RS256 over our secret as a key', jwt(ok, { header: { alg: 'RS256' } }), invalid],
    ['hs256', jwt(ok, { header: { alg: 'hs256' } }), invalid],
    ['tampered claims', jwt(ok).replace(/\.[^.]+\./, `.${base64url({ ...ok, exp: now() + 9999 })}.`), invalid],
    ['no exp', jwt({ iss: 'iss1', aud: 'aud1' }), invalid],
    ['exp that is no integer', jwt({ ...ok, exp: now() + 600.5 }), invalid],
    ['exp as a string', jwt({ ...ok, exp: String(now() + 600) }), invalid],
    ['aud of another type', jwt({ ...ok, aud: 5 }), invalid],
    ['a list of other things', jwt({ ...ok, aud: ['aud1', 5] }), invalid],
    ['claims that are no object', jwt(5), invalid],
    ['expired', jwt({ ...ok, exp: now() - 300 }), 'expired websocket jwt'],
    ['expired is told before the issuer', jwt({ ...ok, exp: now() - 300, iss: 'z' }), 'expired websocket jwt'],
    ['not yet valid', jwt({ ...ok, nbf: now() + 300 }), 'websocket jwt is not valid yet'],
    ['another issuer', jwt({ ...ok, iss: 'z', aud: 'z' }), 'websocket jwt issuer mismatch'],
    ['no issuer', jwt({ ...ok, iss: undefined }), 'websocket jwt issuer mismatch'],
    ['another audience', jwt({ ...ok, aud: 'z' }), 'websocket jwt audience mismatch'],
    ['no audience', jwt({ ...ok, aud: undefined }), 'websocket jwt audience mismatch'],
  ];
  for (const [why, token, refused] of rows) {
    const verdict = await strict(`Bearer ${token}`);
    if (refused === undefined) t.match(verdict, { endAtMs: Number }, why);
    else t.same(verdict, { refused }, why);
  }
  t.match(
    await open(`Bearer ${jwt({ exp: now() + 60, iss: 'any', aud: ['thing'] })}`),
    { endAtMs: Number },
    'any issuer',
  );
  t.same(
    await open(`Bearer ${jwt({ exp: now() + 60, aud: {} })}`),
    { refused: invalid },
    'the type counts all the same',
  );
});

t.test('unusable secrets are named at the start', async (t) => {
  const folder = temporaryFolder(t);
  const write = (name: string, content: string | Buffer): string => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, content);
    return file;
  };
  const missing = path.join(folder, 'missing');
  const empty = write('empty', ' \n');
  const short = write('short', SECRET.slice(1));
  const binary = write('binary', Buffer.from([0xff, 0xfe]));
  const token = (tokenFile: string) => loadAuthenticator({ mode: 'capability-token', tokenFile });
  const signed = (secretFile: string) =>
    loadAuthenticator({
      mode: 'signed-bearer-token',
      secretFile,
      issuer: null,
      audience: null,
      maxClockSkewSeconds: 30,
    });
  const unreadable = {
    message: `failed to read websocket auth secret ${missing}: No such file or directory (os error 2)`,
  };
  await t.rejects(token(missing), unreadable);
  await t.rejects(signed(missing), unreadable);
  await t.rejects(token(empty), { message: `websocket auth secret ${empty} must not be empty` });
  await t.rejects(token(folder), { message: /Is a directory \(os error 21\)/ });
  await t.rejects(token(binary), { message: /did not contain valid UTF-8/ });
  await t.rejects(signed(short), { message: `signed websocket bearer secret ${short} must be at least 32 bytes` });
});

t.test('the upgrade needs the credential; health checks do not', async (t) => {
  const file = path.join(temporaryFolder(t), 'token');
  fs.writeFileSync(file, 'super-secret');
  const { port } = await startListener(t, ['--ws-auth', 'capability-token', '--ws-token-file', file]);
  const url = `ws://127.0.0.1:${port}`;
  await t.rejects(dialInitialized(t, url), /HTTP 401/);
  await t.rejects(dialInitialized(t, `${url}/?token=super-secret`), /HTTP 401/, 'no token in the address');
  const authorized = { headers: { authorization: 'Bearer super-secret' } };
  t.match(await dialInitialized(t, url, authorized), { messages: [{ id: 'init' }] });
  await t.rejects(dialInitialized(t, url, { headers: { ...authorized.headers, origin: 'http://x' } }), /HTTP 403/);
  const health = await new Promise<number>((resolve) =>
    http.get({ port, host: '127.0.0.1', path: '/readyz', agent: false }, (r) => resolve(r.resume().statusCode!)),
  );
  t.equal(health, 200);
});

t.test('a connection ends when its token expires', async (t) => {
  const file = path.join(temporaryFolder(t), 'secret');
  fs.writeFileSync(file, SECRET);
  const flags = [
    '--ws-auth',
    'signed-bearer-token',
    '--ws-shared-secret-file',
    file,
    '--ws-max-clock-skew-seconds',
    '0',
  ];
  const { port } = await startListener(t, flags);
  const authorization = (seconds: number) => ({
    headers: { authorization: `Bearer ${jwt({ exp: now() + seconds })}` },
  });
  const brief = await dialInitialized(t, `ws://127.0.0.1:${port}`, authorization(2));
  const longer = await dialInitialized(t, `ws://127.0.0.1:${port}`, authorization(2 ** 40));
  t.equal(await brief.closed, 1008);
  t.match(await longer.request(1, 'thread/loaded/list'), { result: {} });
});

t.test('with authentication, codexd may listen on an address of the network', async (t) => {
  const digest = createHash('sha256').update('x').digest('hex');
  const daemon = startDaemon(t, [
    '--listen',
    'ws://0.0.0.0:0',
    '--ws-auth',
    'capability-token',
    '--ws-token-sha256',
    digest,
  ]);
  const [, port] = await daemon.says(/listening on: ws:\/\/0\.0\.0\.0:(\d+)/);
  await t.rejects(dialInitialized(t, `ws://127.0.0.1:${port}`), /HTTP 401/);
});
