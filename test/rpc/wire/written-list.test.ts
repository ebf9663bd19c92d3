import t from 'tap';
import { encodeResult } from '../../../server/rpc/wire/encode.js';
import { createTextRoom, withWrittenList, type WrittenElement } from '../../../server/rpc/wire/written-list.js';

const PATH = ['thread', 'turns'];
const RESULT = { thread: { id: 't', none: undefined, turns: [] as unknown[] }, model: 'm\ud800' };
const decoded = (message: Buffer): unknown => JSON.parse(message.toString('utf8'));

t.test('elements stand in the place of the list, one line, with the other members as they are', async (t) => {
  const room = createTextRoom();
  const elements = ['{"a":"é→😀"}', '2', '[]'].map((text): WrittenElement => [room.write(',', text)]);
  const message = encodeResult(7, withWrittenList(RESULT, { path: PATH, elements, room }));
  t.strictSame(decoded(message), {
    id: 7,
    result: { thread: { id: 't', turns: [{ a: 'é→😀' }, 2, []] }, model: 'm\ufffd' },
  });
  t.equal(message.indexOf('\n'), message.length - 1);
});

t.test('the memory of the elements becomes the message', async (t) => {
  const room = createTextRoom();
  room.expect(1000);
  const elements = [[room.write(',', '1')], [room.write(',2'), room.write('3')]];
  const message = encodeResult('id', withWrittenList(RESULT, { path: PATH, elements, room }));
  t.equal(message.buffer, elements[0]?.[0]?.buffer);
  t.match(decoded(message), { id: 'id', result: { thread: { turns: [1, 23] } } });
});

t.test('elements in another order, of other memory, and after a longer id are copied', async (t) => {
  const room = createTextRoom();
  const [one, two] = [room.write(',1'), room.write(',2')];
  const rows: readonly (readonly [string, WrittenElement[], readonly number[]])[] = [
    ['a', [[two], [one]], [2, 1]],
    ['a', [[two]], [2]],
    ['a', [[one], [Buffer.from(',3')]], [1, 3]],
    ['a', [], []],
    ['a'.repeat(200), [[one], [two]], [1, 2]],
  ];
  for (const [id, elements, turns] of rows) {
    const message = encodeResult(id, withWrittenList(RESULT, { path: PATH, elements, room }));
    t.strictSame(decoded(message), { id, result: { thread: { id: 't', turns }, model: 'm\ufffd' } });
  }
});

t.test('more than was expected goes elsewhere, and nothing is lost', async (t) => {
  const room = createTextRoom();
  room.expect(10);
  const words = Array.from({ length: 400 }, (_, i) => `${i}é`.repeat(500));
  const elements = words.map((word): WrittenElement => [room.write(',', JSON.stringify(word))]);
  const message = encodeResult(1, withWrittenList(RESULT, { path: PATH, elements, room }));
  t.match(decoded(message), { result: { thread: { turns: words } } });
});
