import http from 'node:http';
import t from 'tap';
import { listenForCallback, type CallbackListener } from '../../../../server/sessions/mcp/oauth/callback-listener.js';
import { browse } from '../../../fixtures/authorization-server.js';

const OPTIONS = { port: null, path: '/callback/id', state: 'secret' };
const visit = (listener: CallbackListener, rest: string) => browse(`http://127.0.0.1:${listener.port}${rest}`);

t.test('the answer with the state of the login counts', async (t) => {
  const listener = await listenForCallback(OPTIONS);
  t.teardown(() => listener.close());
  const invalid = { status: 400, text: 'Invalid OAuth callback' };
  for (const rest of [
    '/',
    '/callback/other?code=c&state=secret',
    '/callback/id',
    '/callback/id?code=c',
    '/callback/id?state=secret',
    '/callback/id?error=access_denied',
    '//callback/id?code=c&state=secret',
  ])
    t.same(await visit(listener, rest), invalid, rest);
  const posted = await fetch(`http://127.0.0.1:${listener.port}/callback/id?code=c&state=secret`, { method: 'POST' });
  t.equal(posted.status, 400);
  t.equal((await visit(listener, '/callback/id?code=the%20code&state=secret&iss=http%3A%2F%2Fi')).status, 200);
  t.same(await listener.answer, { ok: true, code: 'the code', issuer: 'http://i' });
  await listener.close();
  await t.rejects(visit(listener, '/callback/id?code=d&state=secret'), 'the port is free');
  await listener.close();
});

t.test('an error and a foreign state end the login', async (t) => {
  const denied = await listenForCallback(OPTIONS);
  t.teardown(() => denied.close());
  const reason = 'OAuth provider returned `access_denied`: no way';
  t.same(await visit(denied, '/callback/id?error=access_denied&error_description=no%20way&state=secret'), {
    status: 400,
    text: reason,
  });
  t.same(await denied.answer, { ok: false, reason, denied: 'no way' });
  const foreign = await listenForCallback(OPTIONS);
  t.teardown(() => foreign.close());
  t.equal((await visit(foreign, '/callback/id?code=c&state=other')).status, 400);
  t.same(await foreign.answer, { ok: false, reason: 'failed to handle OAuth callback', denied: null });
});

t.test('a copied address counts as the answer', async (t) => {
  const listener = await listenForCallback(OPTIONS);
  t.teardown(() => listener.close());
  t.equal(listener.take(new URL('http://127.0.0.1:1/else?code=c&state=secret')), false);
  t.equal(listener.take(new URL('http://127.0.0.1:1/callback/id?code=c&state=secret')), true);
  t.same(await listener.answer, { ok: true, code: 'c', issuer: null });
});

t.test('it listens on this machine alone, on the configured port, or says why not', async (t) => {
  const first = await listenForCallback(OPTIONS);
  t.teardown(() => first.close());
  await t.rejects(listenForCallback({ ...OPTIONS, port: first.port }), {
    code: 'mcp.login',
    message: `port ${first.port} of 127.0.0.1, which the configuration names for the browser's answer, cannot be used: another program uses it`,
  });
  await first.close();
  const again = await listenForCallback({ ...OPTIONS, port: first.port });
  t.equal(again.port, first.port);
  await again.close();
});

t.test('a connection that says nothing does not hold the end', async (t) => {
  const listener = await listenForCallback(OPTIONS);
  const request = http.request({ port: listener.port, host: '127.0.0.1', method: 'GET' });
  request.on('error', () => {});
  request.flushHeaders();
  await new Promise((resolve) => request.once('socket', (socket) => socket.once('connect', resolve)));
  await listener.close();
  t.pass();
});
