/** One command: its first denial, and that nothing of it is served after its end. */
import t from 'tap';
import type { Answer } from '../../server/network-approval/decide/decide.js';
import { elapse, until } from '../fixtures/until.js';
import { policyOf } from './support/policy.js';
import { portsOf, register, startService } from './support/service.js';
import { converse, open, startTcp, startUpstream } from './support/wire.js';

const get = (url: string): string => `GET ${url} HTTP/1.1\r\nConnection: close\r\n\r\n`;
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });

const managed = policyOf({ 'evil.test': 'deny' }, { managed: true, allowLocalBinding: true });

t.test('cancel: the first denial aborts the command with all of its facts, and no answer is sent', async (t) => {
  const { service, decisions } = startService(t);
  const registration = await register(service, { onDenial: 'cancel' });
  const { http } = portsOf(registration);
  const first = await open(http);
  first.send(get('http://EVIL.test.:8080/'));
  const denial = {
    host: 'evil.test',
    port: 8080,
    protocol: 'http',
    reason: 'denied',
    rule: 'evil.test',
    source: 'baseline_policy',
    message:
      'Network access to "evil.test" was blocked: domain is explicitly denied by policy and cannot be approved from this prompt.',
  };
  await aborted(registration.signal);

  const second = await open(http);
  second.send('CONNECT api.test:443 HTTP/1.1\r\n\r\n');
  await until(() => decisions.list().length === 2, 'both decisions');
  t.equal(first.received() + second.received(), '', 'no 403 that may or may not reach the output');

  const closed = [first, second].map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)));
  t.strictSame(registration.finish({ treeGone: true }), denial, 'case 46: the first denial, returned once');
  t.equal(registration.finish({ treeGone: true }), null);
  for (const { socket } of [first, second]) socket.end(); // half-open ends close when both sides have
  await Promise.all(closed);
  t.equal(first.received() + second.received(), '');
});

t.test('refuse: only the request is refused', async (t) => {
  const { service } = startService(t);
  const registration = await register(service);
  t.match(await converse(portsOf(registration).http, get('http://evil.test/')), /403 Forbidden/);
  t.notOk(registration.signal.aborted);
  t.equal(registration.finish({ treeGone: true }), null);
});

t.test('case 42: nothing of a command reaches any server after it has ended', async (t) => {
  const { service } = startService(t);
  const upstream = await startUpstream((_request, response) => response.write('begin'));
  const silent = await startTcp((socket) => socket.resume());
  t.teardown(() => {
    upstream.close();
    silent.close();
  });
  const registration = await register(service);
  const { http, socks } = portsOf(registration);
  const request = await open(http);
  request.send(get(`http://ok.test:${upstream.port}/`));
  await request.until(/begin/);
  const tunnel = await open(http);
  tunnel.send(`CONNECT ok.test:${silent.port} HTTP/1.1\r\n\r\n`);
  await tunnel.until(/200 OK/);
  const idle = await open(http);

  const upstreamClosed = new Promise((resolve) => upstream.connections[0]?.once('close', resolve));
  const ends = [request, tunnel, idle].map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)));
  registration.finish({ treeGone: true });
  for (const { socket } of [request, tunnel, idle]) socket.end();
  await Promise.all([...ends, upstreamClosed]);
  for (const port of [http, socks])
    await t.rejects(
      open(port).then(({ until }) => until(/x/)),
      'nobody listens any more',
    );
});

t.test('case 42: a request that waits for a lookup when the command ends is not connected afterwards', async (t) => {
  let answer = (_addresses: readonly string[]): void => {};
  const asked = new Promise<void>((resolve) => {
    const { service } = startService(t, {
      resolver: {
        lookup: () => {
          resolve();
          return new Promise((done) => (answer = done));
        },
      },
    });
    void register(service).then(async (registration) => {
      const conversation = await open(portsOf(registration).http);
      conversation.send(get(`http://ok.test:${upstream.port}/`));
      await asked;
      registration.finish({ treeGone: true });
      answer(['127.0.0.1']);
      await elapse(50, 'the request of the ended command would be sent now');
      finished();
    });
  });
  let finished = (): void => {};
  const end = new Promise<void>((resolve) => (finished = resolve));
  const upstream = await startUpstream();
  t.teardown(() => upstream.close());
  await end;
  t.equal(upstream.connections.length, 0);
});

t.test('refuse: a refusal is only for the request, unless it is for the command', async (t) => {
  const answers: Answer[] = [
    { allow: false, sentence: null },
    { allow: false, sentence: 'rejected by user', endsCommand: true },
  ];
  const { service } = startService(t, { ask: async () => answers.shift() ?? null });
  const registration = await register(service, { policy: managed, onDenial: 'refuse' });
  const { http } = portsOf(registration);
  t.match(await converse(http, get('http://api.test:81/')), /403 Forbidden[^]*"decision":"deny","source":"decider"/);
  t.notOk(registration.signal.aborted);
  (await open(http)).send(get('http://api.test:82/'));
  await aborted(registration.signal);
  t.match(registration.finish({ treeGone: true }), { port: 82, message: 'rejected by user' });
});
