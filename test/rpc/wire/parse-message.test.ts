import fc from 'fast-check';
import t from 'tap';
import { parseMessage } from '../../../server/rpc/wire/parse-message.js';

const request = (id: unknown, more: object = {}) => ({ kind: 'request', id, method: 'm', params: {}, ...more });

t.test('a message is the first kind that fits: request, notification, response, error', (t) => {
  const rows: [why: string, text: string, want: object][] = [
    ['integer id', '{"id":1,"method":"m","params":{}}', request(1)],
    ['string id', '{"id":"a","method":"m","params":{}}', request('a')],
    ['an empty string is an id', '{"id":"","method":"m","params":{}}', request('')],
    ['the id may be negative', '{"id":-7,"method":"m","params":{}}', request(-7)],
    ['-0 is answered as 0', '{"id":-0,"method":"m","params":{}}', request(0)],
    ['the largest int64', '{"id":9223372036854775807,"method":"m","params":{}}', request(9223372036854775807n)],
    ['the smallest int64', '{"id":-9223372036854775808,"method":"m","params":{}}', request(-9223372036854775808n)],
    ['2^53 + 1 is no double', '{"id":9007199254740993,"method":"m","params":{}}', request(9007199254740993n)],
    ['2^53 - 1 is a number', '{"id":9007199254740991,"method":"m","params":{}}', request(9007199254740991)],
    ['jsonrpc of any version is ignored', '{"jsonrpc":"1.0","id":1,"method":"m","params":{}}', request(1)],
    ['unknown members are ignored', '{"id":1,"method":"m","params":{},"x":[1],"x":2}', request(1)],
    ['result beside a method', '{"id":1,"method":"m","params":{},"result":1}', request(1)],
    ['absent params', '{"id":1,"method":"m"}', request(1, { params: undefined })],
    ['null params', '{"id":1,"method":"m","params":null}', request(1, { params: null })],
    ['the key may be written with escapes', '{"\\u0069d":1,"method":"m","params":{}}', request(1)],
    ['trace null', '{"id":1,"method":"m","params":{},"trace":null}', request(1)],
    [
      'trace with a malformed parent string',
      '{"id":1,"method":"m","params":{},"trace":{"traceparent":"x"}}',
      request(1),
    ],
    ['blanks around', ' \t{"id" : 1 ,"method":"m","params": { } }\r ', request(1)],
    ['U+2028 is text', '{"id":"\u2028","method":"m","params":{}}', request('\u2028')],
    ['a nested id is not the id', '{"id":1,"method":"m","params":{"id":2.5}}', request(1, { params: { id: 2.5 } })],
    ['quotes in strings', '{"a":"\\"id\\":","id":1,"method":"m","params":{}}', request(1)],
    ['a notification', '{"method":"m"}', { kind: 'notification', method: 'm', params: undefined }],
    ['a response', '{"id":1,"result":null}', { kind: 'response', id: 1, result: null }],
    ['a method that is no string', '{"id":1,"method":5,"result":2}', { kind: 'response', id: 1, result: 2 }],
    [
      'an error',
      '{"id":1,"error":{"code":-1,"message":"no"}}',
      { kind: 'error', id: 1, error: { code: -1, message: 'no' } },
    ],
  ];
  for (const [why, text, want] of rows) t.same(parseMessage(text), want, why);
  t.end();
});

t.test('a request with an invalid id counts as a notification and gets no answer', (t) => {
  const ids = ['1.5', '1.0', '1e2', 'null', 'true', '[]', '{}', '9223372036854775808', '-9223372036854775809'];
  for (const id of ids) t.equal(parseMessage(`{"id":${id},"method":"m"}`).kind, 'notification', id);
  t.equal(parseMessage('{"id":1,"id":1,"method":"m"}').kind, 'notification', 'the id twice');
  t.equal(parseMessage('{"id":1,"\\u0069d":2,"method":"m"}').kind, 'notification', 'the id twice, once escaped');
  t.equal(parseMessage('{"id":1,"method":"m","trace":"x"}').kind, 'notification', 'trace of a wrong type');
  t.equal(
    parseMessage('{"id":1,"method":"m","trace":{"tracestate":5}}').kind,
    'notification',
    'tracestate of a wrong type',
  );
  t.end();
});

t.test('an invalid message is junk with a reason, never an exception', (t) => {
  const rows = [
    '',
    '   ',
    'not json',
    '42',
    '"text"',
    'null',
    'NaN',
    '[]',
    '[{"id":9,"method":"m"}]',
    '{}',
    '{"id":9}',
    '{"id":9,"params":{}}',
    '{"id":9,"method":5}',
    '{"id":1.5,"result":1}',
    '{"id":1,"error":{"code":"x","message":"y"}}',
    '{"id":1,"error":null}',
    '{"id":1,"method":"m",}',
    "{'id':1}",
    '{"id":1,"method":"m"} {"id":2,"method":"m"}',
    '\ufeff{"id":1,"method":"m"}',
    '{"id":1,"method":"m"}\0',
    '{"id":1,"method":"a","method":"b"}',
    '{"id":1,"method":"m","params":{},"params":{}}',
    '{"id":1,"method":"m","params":"\t"}',
    '"',
    '{"',
    '}]}]',
  ];
  for (const text of rows) {
    const message = parseMessage(text);
    t.match(message, { kind: 'junk', reason: /./ }, JSON.stringify(text));
  }
  t.end();
});

t.test('half a surrogate pair at any place is junk', (t) => {
  const junk = [
    '"\\ud800"',
    '"\\udc00"',
    '"\\ud800x"',
    '"\\ud83d\\ud83d\\ude00"',
    '"\\uD800\\n\\udc00"',
    '"\\\\\\ud800"',
  ];
  for (const value of junk) t.equal(parseMessage(`{"id":1,"method":"m","params":{"a":${value}}}`).kind, 'junk', value);
  const fine = ['"\\ud83d\\ude00"', '"\\\\ud800"', '"\\uD83D\\uDE00\\ud83d\\ude00"', '"\u{1f600}"'];
  for (const value of fine)
    t.equal(parseMessage(`{"id":1,"method":"m","params":{"a":${value}}}`).kind, 'request', value);
  t.end();
});

t.test('127 levels are a message, 128 are junk, and millions cost nothing', (t) => {
  const nested = (levels: number): string =>
    `{"id":1,"method":"m","params":{"a":${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}}}`;
  t.equal(parseMessage(nested(127)).kind, 'request');
  t.equal(parseMessage(nested(128)).kind, 'junk');
  t.equal(parseMessage('['.repeat(5_000_000)).kind, 'junk');
  t.equal(parseMessage(`{"id":1,"method":"m","params":{"a":"${'[{'.repeat(1000)}"}}`).kind, 'request', 'in a string');
  t.end();
});

t.test('a member named __proto__ reaches no handler', (t) => {
  for (const key of ['__proto__', '\\u005f_proto__', '__\\u0070roto__']) {
    const message = parseMessage(`{"id":1,"method":"m","params":{"${key}":{"admin":true},"b":{"${key}":1}}}`);
    t.ok(message.kind === 'request' && !Object.hasOwn(message.params as object, '__proto__'), key);
    t.notOk(Object.hasOwn((message as { params: { b: object } }).params.b, '__proto__'), `${key}, nested`);
  }
  t.equal(({} as { admin?: boolean }).admin, undefined);
  t.end();
});

t.test("a reason in the log never quotes the client's text", (t) => {
  for (const text of [
    '{"id":1,"method":"login","params":{"key":"sk-secret"}',
    'sk-secret',
    '{sk-secret',
    '["sk-secret" 1]',
  ]) {
    const message = parseMessage(text);
    t.notMatch((message as { reason: string }).reason, /secret/, text);
  }
  t.end();
});

t.test('no text makes it throw, and a written request is read as it was', (t) => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof parseMessage(text).kind === 'string'));
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 20 }),
      fc.oneof(fc.integer(), fc.string({ unit: 'grapheme' })),
      (params, id) => {
        const text = JSON.stringify({ params, id, method: 'm' });
        const message = parseMessage(text);
        if (message.kind !== 'request') return /\\ud[89a-f]|__proto__/.test(text);
        t.same(message.id, id);
        return JSON.stringify(message.params) === JSON.stringify(params) || text.includes('__proto__');
      },
    ),
  );
  t.end();
});

t.test('a message that would take too long to build is refused by its id, and is junk without one', (t) => {
  const many = (piece: string, times: number): string => `[${piece.repeat(times).slice(0, -1)}]`;
  const refused = { kind: 'refused', id: 7, reason: /too many/ };
  const rows: [why: string, text: string, want: object][] = [
    ['lists', `{"id":7,"method":"m","params":${many('[],', 350_000)}}`, refused],
    ['objects', `{"id":7,"method":"m","params":${many('{},', 350_000)}}`, refused],
    ['the id behind it', `{"method":"m","params":${many('[],', 350_000)},"id":7}`, refused],
    ['values', `{"id":7,"method":"m","params":${many('1,', 1_300_000)}}`, refused],
    ['members', `{"id":7,"method":"m","params":{${'"a":1,'.repeat(400_000)}"b":1}}`, refused],
    ['outermost members', `{"id":7,"method":"m",${'"a":1,'.repeat(2000)}"b":1}`, refused],
    ['a text id', `{"id":"x","method":"m","params":${many('[],', 350_000)}}`, { kind: 'refused', id: 'x' }],
    ['no usable id', `{"id":{},"method":"m","params":${many('[],', 350_000)}}`, { kind: 'junk' }],
    ['a response', `{"id":7,"result":${many('[],', 350_000)}}`, { kind: 'junk' }],
    ['broken escapes', `{"id":"\\q","method":"m","\\q":${many('[],', 350_000)}}`, { kind: 'junk' }],
    ['a long text weighs nothing', `{"id":7,"method":"m","params":"${'[],'.repeat(1e6)}"}`, { kind: 'request', id: 7 }],
    [
      'a history of 10 000 items',
      `{"id":7,"method":"m","params":${many('{"a":[{"b":"c"}],"d":{}},', 10_000)}}`,
      { kind: 'request' },
    ],
  ];
  for (const [why, text, want] of rows) t.match(parseMessage(text), want, why);
  t.end();
});
