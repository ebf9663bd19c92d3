import t from 'tap';
import { openSession, type Answer, type Browser } from '../../../clients/console/connection/session.js';

const answer = (status: number, body = ''): Answer => ({ ok: status < 300, status, text: async () => body });

function browser(hash: string, answers: Readonly<Record<string, Answer>>): { browser: Browser; log: string[] } {
  const log: string[] = [];
  return {
    log,
    browser: {
      location: { hash, pathname: '/' },
      history: { replaceState: (_data, _unused, url) => void log.push(`address ${url}`) },
      fetch: async (path, init) => {
        log.push(`${init?.method ?? 'GET'} ${path} ${init?.body ?? ''}`.trim());
        return answers[init?.method ?? 'GET'] ?? answer(500);
      },
    },
  };
}

t.test('the token leaves the address before it is sent, and is sent once', async (t) => {
  const { browser: here, log } = browser('#secret', { POST: answer(204) });
  t.strictSame(await openSession(here), { kind: 'open' });
  t.strictSame(log, ['address /', 'POST /console/session {"token":"secret"}']);
});

t.test('a page of the console in the address is no token', async (t) => {
  const { browser: here, log } = browser('#/threads/1', { GET: answer(200) });
  t.strictSame(await openSession(here), { kind: 'open' });
  t.strictSame(log, ['GET /console/session']);
});

t.test('a used link opens where its cookie is, and says why elsewhere', async (t) => {
  const used = answer(401, JSON.stringify({ error: 'This link was used before.' }));
  t.strictSame(await openSession(browser('#secret', { POST: used, GET: answer(200) }).browser), { kind: 'open' });
  t.strictSame(await openSession(browser('#secret', { POST: used, GET: answer(401) }).browser), {
    kind: 'refused',
    reason: 'This link was used before.',
  });
});

t.test('without a session the person reads why', async (t) => {
  t.match(await openSession(browser('', { GET: answer(401) }).browser), { kind: 'refused', reason: /not signed in/ });
});
