/** The commands of one service: each has its own policy, and all of them end with it. */
import t from 'tap';
import { policyOf } from './support/policy.js';
import { loopbackPool, portsOf, register, startService } from './support/service.js';
import { converse, open, startUpstream } from './support/wire.js';

const get = (url: string): string => `GET ${url} HTTP/1.1\r\nConnection: close\r\n\r\n`;
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });

t.test('two commands: each is judged by its own policy and only for its own requests', async (t) => {
  const { service, decisions } = startService(t);
  const a = await register(service, {
    onDenial: 'cancel',
    policy: policyOf({ 'a.test': 'allow' }, { allowLocalBinding: true }),
  });
  const b = await register(service, {
    onDenial: 'cancel',
    policy: policyOf({ 'b.test': 'allow' }, { allowLocalBinding: true }),
  });
  const upstream = await startUpstream();
  t.teardown(() => upstream.close());
  t.match(await converse(portsOf(b).http, get(`http://b.test:${upstream.port}/`)), /200 OK/);
  const denied = await open(portsOf(a).http);
  denied.send(get(`http://b.test:${upstream.port}/`));
  await aborted(a.signal);
  t.notOk(b.signal.aborted, 'the neighbour runs on');
  t.match(await converse(portsOf(b).http, get(`http://b.test:${upstream.port}/`)), /200 OK/);
  t.match(a.finish({ treeGone: true }), { host: 'b.test', reason: 'not_allowed' });
  t.equal(b.finish({ treeGone: true }), null);
  t.strictSame(
    decisions.list().map(({ registrationId, verdict }) => [registrationId, verdict]),
    [
      [b.id, 'allow'],
      [a.id, 'deny'],
      [b.id, 'allow'],
    ],
  );
});

t.test('a command without a network policy is registered, without a lane', async (t) => {
  const { service } = startService(t);
  const registration = await register(service, { policy: null });
  t.equal(registration.lane, null);
  t.equal(registration.finish({ treeGone: true }), null);
});

t.test('with a policy that does not compile, the command is refused, and no lane is taken', async (t) => {
  let lanes = 0;
  const pool = loopbackPool();
  const { service } = startService(t, { lanes: { ...pool, acquire: (request) => (lanes++, pool.acquire(request)) } });
  await t.rejects(register(service, { policy: policyOf({ '**': 'allow' }) }), { code: 'network.policy' });
  t.equal(lanes, 0);
});

t.test('close: running commands lose the network', async (t) => {
  const { service } = startService(t);
  const registration = await register(service);
  const conversation = await open(portsOf(registration).http);
  conversation.socket.ref();
  const ended = new Promise((resolve) => conversation.socket.once('end', resolve));
  await service.close();
  await ended;
  conversation.socket.destroy();
  t.equal(registration.finish({ treeGone: true }), null);
});
