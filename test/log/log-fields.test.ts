/** Secrets in the fields of a line, in both forms of the log, however a caller gives them. */
import t from 'tap';
import { plainData, REDACT, withoutSecrets } from '../../server/log/log-fields.js';
import { createLogger, type LogFields } from '../../server/log/log.js';

const SECRET = 'sk-0123456789';
const hidden = { token: SECRET };
const headers = { authorization: `Bearer ${SECRET}`, 'set-cookie': [SECRET], 'X-Api-Key': SECRET, accept: 'text/html' };

/** What libraries throw: an error with its request and its response. */
const requestError = Object.assign(new Error('refused', { cause: Object.assign(new Error('beneath'), { headers }) }), {
  config: { headers, auth: { password: SECRET } },
  response: { headers },
  env: { KEY: SECRET },
});
class Session {
  readonly accessToken = SECRET;
  readonly name = 'session';
}
const circle: Record<string, unknown> = { ...hidden };
circle['self'] = circle;
const frozen = Object.freeze({ deep: Object.freeze({ password: SECRET }) });

/** Each is logged as a field, next to a field that stays. */
const ATTACKS: Readonly<Record<string, unknown>> = {
  token: SECRET,
  headers,
  request: { headers },
  list: [hidden, { request: { headers } }],
  env: { OPENAI_API_KEY: SECRET, HOME: '/home' },
  child: { env: { A: SECRET } },
  options: { spawn: { env: [`A=${SECRET}`] } },
  err: requestError,
  wrapped: { err: requestError, also: [requestError] },
  session: new Session(),
  sessions: [new Session()],
  circle,
  frozen,
  bare: Object.assign(Object.create(null), { one: Object.assign(Object.create(null), hidden) }),
  proto: JSON.parse(`{"constructor":{"token":"${SECRET}"},"__proto__":{"token":"${SECRET}"}}`),
  json: { toJSON: () => ({ client_secret: SECRET }) },
  tooDeep: { a: { b: { c: { d: { e: hidden } } } } },
  atTheEnd: { a: { b: hidden } },
  error: requestError,
  map: new Map([['token', SECRET]]),
};

async function lines(format: 'plain' | 'json', fields: LogFields): Promise<string> {
  let text = '';
  const log = await createLogger({ env: {}, filter: 'info', format, write: (more) => (text += more) });
  log.child('codexd::test').info('a line', fields);
  return text;
}

for (const format of ['plain', 'json'] as const) {
  t.test(`${format}: no attack shows the secret, and the rest of the line is there`, async (t) => {
    for (const [name, value] of Object.entries(ATTACKS)) {
      const text = await lines(format, { [name]: value, thread: 'thread-1' });
      t.notMatch(text, SECRET, name);
      t.match(text, /a line.*thread-1/, name);
      t.equal(text.split('\n').length, 2, `${name}: one line`);
    }
    const whole = await lines(format, ATTACKS);
    t.notMatch(whole, SECRET);
    for (const kept of ['text/html', 'refused', 'Error', 'session', 'redacted']) t.match(whole, kept);
  });

  t.test(`${format}: what cannot be copied or written does not stop the line`, async (t) => {
    const odd: LogFields = {
      bytes: Buffer.from('bytes'),
      within: { bytes: Buffer.from('bytes'), url: new URL('http://host/'), date: new Date(0) },
      throws: {
        get member(): string {
          throw new Error('a getter');
        },
      },
      refuses: {
        toJSON() {
          throw new Error('toJSON');
        },
      },
      call: () => 1,
      symbol: Symbol('s'),
      nothing: undefined,
      none: null,
      big: 2n ** 60n,
      bigs: [2n ** 60n],
      long: Array.from({ length: 1e5 }, (_, n) => n),
      tokens: 5,
    };
    for (const [name, value] of Object.entries(odd)) t.match(await lines(format, { [name]: value }), 'a line', name);
    const text = await lines(format, odd);
    t.match(text, /1152921504606846976.*1152921504606846976/);
    t.match(text, /tokens["=:]+5/, 'a count is no secret');
    t.ok(text.length < 10_000, `a long list is cut: ${text.length} characters`);
  });
}

t.test('the objects of the caller stay as they are', async (t) => {
  const fields = { request: { headers: { ...headers } }, token: SECRET };
  const before = structuredClone(fields);
  const data = plainData(fields);
  t.strictSame(withoutSecrets(data), {
    request: {
      headers: { ...headers, authorization: REDACT.censor, 'set-cookie': REDACT.censor, 'X-Api-Key': REDACT.censor },
    },
    token: REDACT.censor,
  });
  await lines('json', fields);
  t.strictSame(fields, before);
});
