import t from 'tap';
import { createConsoleSessions, type SessionLimits } from '../../../server/rpc/console/sessions.js';

const LIMITS: SessionLimits = {
  sessions: 3,
  links: 2,
  idleMs: 100,
  totalMs: 1000,
  wrongTokens: 3,
  wrongTokenEveryMs: 10,
};

function scene(authenticate: Parameters<typeof createConsoleSessions>[0]['authenticate'] = null) {
  const clock = { now: 1_000_000 };
  const sessions = createConsoleSessions({ authenticate, limits: LIMITS, now: () => clock.now });
  const enter = async (token: string): Promise<string> => {
    const exchanged = await sessions.exchange(token);
    if (!('secret' in exchanged)) throw new Error(exchanged.refused);
    return exchanged.secret;
  };
  return { clock, sessions, enter };
}

t.test('a link works once, and for its time', async (t) => {
  const { clock, sessions, enter } = scene();
  const token = sessions.newLink(50);
  t.match(token, /^[\w-]{43}$/, '256 bits');
  t.ok(sessions.find(await enter(token)));
  t.same(await sessions.exchange(token), { refused: 'used' });
  const late = sessions.newLink(50);
  clock.now += 50;
  t.same(await sessions.exchange(late), { refused: 'expired' });
  t.same(await sessions.exchange(late), { refused: 'used' });
  t.same(await sessions.exchange(''), { refused: 'unknown' });
});

t.test('only the last links count', async (t) => {
  const { sessions } = scene();
  const [first, , last] = [sessions.newLink(50), sessions.newLink(50), sessions.newLink(50)];
  t.same(await sessions.exchange(first), { refused: 'unknown' });
  t.ok('secret' in (await sessions.exchange(last)));
});

t.test('a session ends when it is idle, after its time, and by logging out', async (t) => {
  const { clock, sessions, enter } = scene();
  const idle = await enter(sessions.newLink(50));
  clock.now += 99;
  t.ok(sessions.find(idle), 'used in time');
  clock.now += 100;
  t.equal(sessions.find(idle), null, 'idle');

  const busy = await enter(sessions.newLink(50));
  const leave = sessions.find(busy)!.use();
  clock.now += 500;
  const found = sessions.find(busy);
  t.ok(found, 'a socket uses it');
  leave();
  clock.now += 99;
  t.ok(sessions.find(busy), 'idle from the end of the socket on');
  clock.now = found!.endAtMs;
  t.equal(sessions.find(busy), null, 'its time is over');

  const left = await enter(sessions.newLink(50));
  const { ended } = sessions.find(left)!;
  sessions.end(left);
  t.ok(ended.aborted, 'its sockets end, too');
  t.equal(sessions.find(left), null);
});

t.test('the oldest session ends when there are too many', async (t) => {
  const { sessions, enter } = scene();
  const secrets: string[] = [];
  for (let n = 0; n < 4; n++) secrets.push(await enter(sessions.newLink(50)));
  t.same(
    secrets.map((secret) => sessions.find(secret) !== null),
    [false, true, true, true],
  );
});

t.test('a session for a credential ends with it, and when credentials are read again', async (t) => {
  const seen: unknown[] = [];
  const { clock, sessions, enter } = scene((authorization) => {
    seen.push(authorization);
    return authorization === 'Bearer good' ? { endAtMs: 1_000_080 } : { refused: 'no' };
  });
  const secret = await enter('good');
  t.same(seen, ['Bearer good']);
  clock.now += 79;
  t.equal(sessions.find(secret)?.endAtMs, 1_000_080);
  clock.now += 1;
  t.equal(sessions.find(secret), null);

  clock.now = 1_000_000;
  const [credential, link] = [await enter('good'), await enter(sessions.newLink(50))];
  sessions.endCredentials();
  t.equal(sessions.find(credential), null);
  t.ok(sessions.find(link), 'a link has nothing to do with credentials');
});

t.test('wrong tokens are limited before they are compared', async (t) => {
  let compared = 0;
  const { clock, sessions } = scene(() => (compared++, { refused: 'no' }));
  const token = sessions.newLink(10_000);
  for (let n = 0; n < 3; n++) t.same(await sessions.exchange('guess'), { refused: 'unknown' });
  t.same(await sessions.exchange('guess'), { refused: 'limited' });
  t.same(await sessions.exchange(token), { refused: 'limited' }, 'a guess that is right is not compared either');
  t.equal(compared, 3);
  clock.now += 10;
  t.same(await sessions.exchange('guess'), { refused: 'unknown' }, 'one more after a while');
  t.same(await sessions.exchange('guess'), { refused: 'limited' });
  clock.now += 1000;
  t.ok('secret' in (await sessions.exchange(token)));
});
