import t from 'tap';
import {
  encodeBytesNotification,
  encodeError,
  encodeNotification,
  encodeRequest,
  encodeResult,
} from '../../../server/rpc/wire/encode.js';

const text = (bytes: Buffer): string => bytes.toString();

t.test('messages have the exact members of the protocol, and no jsonrpc', (t) => {
  t.equal(text(encodeResult(1, { a: 1 })), '{"id":1,"result":{"a":1}}\n');
  t.equal(text(encodeResult('a"b', undefined)), '{"id":"a\\"b","result":null}\n');
  t.equal(text(encodeResult(9223372036854775807n, {})), '{"id":9223372036854775807,"result":{}}\n');
  t.equal(
    text(encodeError(1, { code: -32600, message: 'no' })),
    '{"error":{"code":-32600,"message":"no"},"id":1}\n',
    'no data member unless there is data',
  );
  t.equal(
    text(encodeError('x', { code: 1, message: 'no', data: { a: 1 } })),
    '{"error":{"code":1,"message":"no","data":{"a":1}},"id":"x"}\n',
  );
  t.equal(text(encodeNotification('n', { a: 1 }, 5)), '{"method":"n","params":{"a":1},"emittedAtMs":5}\n');
  t.equal(text(encodeRequest(0, 'r', {})), '{"method":"r","id":0,"params":{}}\n');
  t.end();
});

t.test('bytes are sent as the same message as their base64', (t) => {
  for (const [params, bytes] of [
    [{ processId: 'é"\\', stream: 'stdout', capReached: false }, Buffer.from([0, 255, 128, 10])],
    [{}, Buffer.alloc(0)],
    [{ n: 1 }, Buffer.alloc(100_000, 'abc')],
    [{ id: 'a\ud800b' }, Buffer.from('x')],
  ] as const) {
    t.equal(
      text(encodeBytesNotification('n', params, 'deltaBase64', bytes, 5)),
      text(encodeNotification('n', { ...params, deltaBase64: bytes.toString('base64') }, 5)),
    );
  }
  t.end();
});

t.test('half a surrogate pair is sent as U+FFFD: strict parsers would drop the whole message', (t) => {
  t.equal(text(encodeNotification('n', 'a\ud800b', 0)), '{"method":"n","params":"a\\ufffdb","emittedAtMs":0}\n');
  t.equal(
    text(encodeNotification('n', 'a\\ud800', 0)),
    '{"method":"n","params":"a\\\\ud800","emittedAtMs":0}\n',
    'text',
  );
  t.equal(text(encodeNotification('n', '😀\u0001', 0)), '{"method":"n","params":"😀\\u0001","emittedAtMs":0}\n');
  t.end();
});

t.test('a result that is not JSON throws and does not send half a message', (t) => {
  const loop: { self?: unknown } = {};
  loop.self = loop;
  t.throws(() => encodeResult(1, loop), TypeError);
  t.end();
});

t.test('integers of 64 bits are written digit by digit', (t) => {
  t.equal(encodeResult(1, { big: 2n ** 63n - 1n }).toString(), '{"id":1,"result":{"big":9223372036854775807}}\n');
  t.match(encodeNotification('m', { big: -(2n ** 63n) }).toString(), '"params":{"big":-9223372036854775808}');
  t.end();
});

t.test('a large result is the same message as a small one', (t) => {
  for (const text of ['a', 'é', '€', '😀', '\ud83d', '"\\\n'])
    for (const id of [1, 'ä"']) {
      const result = { text: text.repeat(100_000) };
      const message = encodeResult(id, result).toString();
      t.equal(message.at(-1), '\n');
      const { id: readId, result: read } = JSON.parse(message) as { id: unknown; result: { text: string } };
      t.equal(readId, id);
      t.ok(
        read.text === text.replace('\ud83d', text.length === 1 ? '\ufffd' : '\ud83d').repeat(100_000),
        JSON.stringify(text),
      );
    }
  t.end();
});

t.test('line separators are sent as escapes: a reader of lines would cut the message', (t) => {
  const text = 'one\u2028two\u2029three\u0085 \ud83d\ude00';
  const line = encodeResult(1, { text, [text]: [text] }).toString();
  t.notMatch(line, /[\u2028\u2029]/);
  t.strictSame(JSON.parse(line), { id: 1, result: { text, [text]: [text] } });
  const long = `${text}${'x'.repeat(100_000)}`;
  t.strictSame(JSON.parse(encodeResult(1, long).toString()), { id: 1, result: long });
  t.end();
});
